"""Where DICOM files are taken along, and where it is said what the photograph is."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.errors import NotFoundError
from app.extensions import db
from app.interop.dicom.export import ALL, NO_SUCH_FILE, export_of
from app.interop.dicom.forms import NatureForm
from app.interop.dicom.services import say
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.security.downloads import download
from app.storage import current_storage

blueprint = Blueprint("dicom", __name__)


@blueprint.get("/results/<public_id>/dicom.zip")
def archive(public_id: str) -> ResponseReturnValue:
    """Answer all objects of a test that there are, with a directory, as a zip."""
    return _file(_analysis(public_id), ALL, "application/zip", "dicom.zip")


@blueprint.get("/results/<public_id>/dicom/<kind>.dcm")
def single(public_id: str, kind: str) -> ResponseReturnValue:
    """Answer one object of a test."""
    analysis = _analysis(public_id)
    if kind == ALL:  # which is no object
        raise NotFoundError(NO_SUCH_FILE)
    return _file(analysis, kind, "application/dicom", f"{kind}.dcm")


@blueprint.post("/results/<public_id>/dicom")
def choose(public_id: str) -> ResponseReturnValue:
    """Keep what is said of the photograph; the button that was pressed may ask for the files as well."""
    analysis, form = _analysis(public_id), NatureForm()
    if not form.validate_on_submit():
        flash("Please choose how the photograph was taken.", "danger")
        return redirect(url_for("results.show", public_id=public_id, _anchor="dicom"), 303)
    say(db.session(), analysis, form.nature)
    db.session.commit()
    if request.form.get("then") == "download":
        return redirect(url_for("dicom.archive", public_id=public_id), 303)
    flash("What you said of the photograph is kept.", "success")
    return redirect(url_for("results.show", public_id=public_id, _anchor="dicom"), 303)


def _file(analysis: Analysis, kind: str, mimetype: str, name: str) -> Response:
    settings = current_app.config["SETTINGS"]
    exported = export_of(db.session(), current_storage(), user=_user(), analysis=analysis, kind=kind, settings=settings)
    return download(exported, mimetype, f"{analysis.created_at:%Y-%m-%d}-{analysis.public_id[:8]}-{name}")


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), _user(), public_id)
