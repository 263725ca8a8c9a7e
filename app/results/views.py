"""Pages of the analyses: result, its pictures, deletion."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.proof import asks_again
from app.auth.tables import User
from app.extensions import db
from app.inference import heatmap_png
from app.results import services
from app.results.files import stored
from app.results.history.views import previous_tests
from app.results.page import result_page
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.results.verdicts.blind import require_shown
from app.security.downloads import picture
from app.storage import current_storage

blueprint = Blueprint("results", __name__)


@blueprint.get("/results/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Show what was answered about one photograph."""
    return result_page(_analysis(public_id))


@blueprint.get("/results/<public_id>/image")
def image(public_id: str) -> ResponseReturnValue:
    """Answer the photograph, as PNG."""
    return picture(_stored(_analysis(public_id).photograph_key), "image/png")


@blueprint.get("/results/<public_id>/thumbnail.jpg")
def thumbnail(public_id: str) -> ResponseReturnValue:
    """Answer the thumbnail, as JPEG."""
    return picture(_stored(_analysis(public_id).thumbnail_key), "image/jpeg")


@blueprint.get("/results/<public_id>/heatmap.png")
def heatmap(public_id: str) -> ResponseReturnValue:
    """Answer the heat map of the framed square, as a transparent PNG."""
    return picture(heatmap_png(_shown(public_id).heatmap), "image/png")


@blueprint.post("/results/<public_id>/delete")
@asks_again
def delete(public_id: str) -> ResponseReturnValue:
    """Delete a test for good."""
    services.remove(db.session(), _analysis(public_id))
    db.session.commit()
    flash("The test and its photograph are deleted.", "success")
    return redirect(url_for("results.previous_tests"), 303)


blueprint.add_url_rule("/previous_tests", view_func=previous_tests)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), _user(), public_id)


def _shown(public_id: str) -> Analysis:
    """Return an analysis whose answer may be seen; ConcealedError if it may not yet."""
    analysis = _analysis(public_id)
    require_shown(_user(), analysis)
    return analysis


def _stored(key: str) -> bytes:
    return stored(current_storage(), key)
