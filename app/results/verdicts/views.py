"""Where verdicts are sent to."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.extensions import db
from app.results.selectors import analysis_of
from app.results.verdicts.forms import AssessmentForm
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT

blueprint = Blueprint("verdicts", __name__)


@blueprint.post("/results/<public_id>/assessment")
def assess(public_id: str) -> ResponseReturnValue:
    """Record what the clinician thinks the lesion is."""
    user = current_user._get_current_object()
    analysis, form = analysis_of(db.session(), user, public_id), AssessmentForm()
    if form.validate_on_submit():
        give(db.session(), analysis, author=user, kind=ASSESSMENT, label=form.label.data, note=form.note.data or None)
        db.session.commit()
        flash("Your assessment is recorded.", "success")
    else:
        flash("Please choose what you think the lesion is.")
    return redirect(url_for("results.show", public_id=public_id), 303)
