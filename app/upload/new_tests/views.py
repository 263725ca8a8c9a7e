"""The two answers to a test that was just made."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.extensions import db
from app.patients.filing.services import remove_with
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.upload.new_tests.marked import just_made, unmark

blueprint = Blueprint("new_tests", __name__)

CLOSED = "Closed without saving: the photograph and its answer are erased."
NOT_CLOSED = (
    "The test was not closed: something has been added to it, or it is no longer new. It is kept. "
    "It can be deleted at the end of this page."
)


@blueprint.post("/results/<public_id>/save")
def save(public_id: str) -> ResponseReturnValue:
    """Keep a test, which was stored from the beginning, and go where it is found from now on."""
    analysis = _analysis(public_id)
    unmark(analysis)
    if analysis.patient_id is None:
        flash("The test is saved. It is not kept with a patient yet.", "success")
        return redirect(url_for("results.previous_tests"), 303)
    flash("The test is saved with this patient, and among the previous tests.", "success")
    return redirect(url_for("filing.patient", public_id=public_id), 303)


@blueprint.post("/results/<public_id>/close")
def close(public_id: str) -> ResponseReturnValue:
    """Erase a test that was just made, with what was made along with it; one that is held stays."""
    analysis = _analysis(public_id)
    made = just_made(analysis)
    if made is None:
        flash(NOT_CLOSED, "warning")
        return redirect(url_for("results.show", public_id=public_id), 303)
    remove_with(db.session(), analysis, along=made.along)
    db.session.commit()
    unmark(analysis)
    flash(CLOSED, "success")
    return redirect(url_for("upload.prediction"), 303)


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), current_user._get_current_object(), public_id)
