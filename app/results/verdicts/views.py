"""Where verdicts are sent to: recorded, replaced, taken back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.extensions import db
from app.results.page import result_page
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.results.verdicts.forms import AssessmentForm, DiagnosisForm, VerdictForm
from app.results.verdicts.panels import Refused
from app.results.verdicts.records import Said
from app.results.verdicts.services import ChangedMeanwhileError, replace
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS

blueprint = Blueprint("verdicts", __name__)

NAMES = {ASSESSMENT: "Your assessment", DIAGNOSIS: "The confirmed diagnosis"}


@blueprint.post("/results/<public_id>/assessment")
def assess(public_id: str) -> ResponseReturnValue:
    """Record what the clinician thinks the lesion is."""
    return _record(_analysis(public_id), AssessmentForm())


@blueprint.post("/results/<public_id>/diagnosis")
def diagnose(public_id: str) -> ResponseReturnValue:
    """Record what the lesion turned out to be."""
    return _record(_analysis(public_id), DiagnosisForm())


@blueprint.post("/results/<public_id>/assessment/withdrawal")
def withdraw_assessment(public_id: str) -> ResponseReturnValue:
    """Take back what the clinician thought."""
    return _withdraw(_analysis(public_id), ASSESSMENT)


@blueprint.post("/results/<public_id>/diagnosis/withdrawal")
def withdraw_diagnosis(public_id: str) -> ResponseReturnValue:
    """Take back what the lesion was said to have turned out to be."""
    return _withdraw(_analysis(public_id), DIAGNOSIS)


def _record(analysis: Analysis, form: VerdictForm) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return result_page(analysis, Refused(form, form.kind)), 422
    return _replace(analysis, Refused(form, form.kind, meanwhile=True), form.said, form.seen.data or "")


def _withdraw(analysis: Analysis, kind: str) -> ResponseReturnValue:
    return _replace(analysis, Refused(None, kind, meanwhile=True), Said(), request.form.get("seen", ""))


def _replace(analysis: Analysis, otherwise: Refused, said: Said, seen: str) -> ResponseReturnValue:
    """Replace the verdict that was `seen`, and go on to the result; show it again if another one has come since."""
    user = current_user._get_current_object()
    try:
        replace(db.session(), analysis, author=user, kind=otherwise.kind, said=said, seen=seen)
    except ChangedMeanwhileError as error:
        db.session.rollback()
        return result_page(analysis, otherwise), error.status
    db.session.commit()
    flash(f"{NAMES[otherwise.kind]} is {'taken back' if said.label is None else 'recorded'}.", "success")
    return redirect(url_for("results.show", public_id=analysis.public_id), 303)


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), current_user._get_current_object(), public_id)
