"""Where everything about one patient is exported."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, stream_with_context
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from app.auth.proof import asks_again
from app.auth.tables import User
from app.extensions import db
from app.patients.counts import counts_of
from app.patients.selectors import patient_of
from app.rights.export.writing import everything_of
from app.security.downloads import download
from app.storage import current_storage

blueprint = Blueprint("patient_export", __name__)

ZIP = "application/zip"


@blueprint.route("/patients/<public_id>/export", methods=["GET", "POST"])
@asks_again
def show(public_id: str) -> ResponseReturnValue:
    """Say what an export holds; sent by POST, so that no address leads to one, answer it."""
    session, user = db.session(), _user()
    patient, form = patient_of(session, user, public_id), FlaskForm()
    if not form.validate_on_submit():
        return render_template("rights/export.html", patient=patient, form=form, counts=counts_of(session, patient))
    return exported(user, public_id)


def exported(user: User, public_id: str) -> Response:
    """Answer all that is kept of a patient while it is read; the file's name tells nothing of them."""
    pieces = everything_of(db.session(), current_storage(), user=user, public_id=public_id)
    return download(stream_with_context(piece for piece in pieces if piece), ZIP, f"patient-{public_id[:8]}.zip")


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
