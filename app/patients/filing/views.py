"""Pages that say, and change, whom a test is kept with."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.patients.filing.forms import LesionChoiceForm, NewPatientForm
from app.patients.filing.kept_with import kept_with
from app.patients.filing.services import Destination, move, new_patient
from app.patients.forms import SearchForm
from app.patients.listing import page_of
from app.patients.selectors import lesions_of, lesions_of_patient, patient_of, patients_of
from app.patients.services import require_active
from app.patients.tables import Lesion, Patient
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.security.roles import for_those_who_work

blueprint = Blueprint("filing", __name__)


@blueprint.get("/results/<public_id>/patient")
def patient(public_id: str) -> ResponseReturnValue:
    """Go to the patient a test is kept with; where there is none yet, to the choice of one."""
    analysis = _analysis(public_id)
    kept = db.session.scalar(patients_of(_user()).where(Patient.id == analysis.patient_id))
    if kept is None:
        return redirect(url_for("filing.choose_patient", public_id=public_id))
    return redirect(url_for("patients.show", public_id=kept.public_id))


@blueprint.get("/results/<public_id>/move")
@for_those_who_work
def choose_patient(public_id: str) -> ResponseReturnValue:
    """Find the patient that a test is to be kept with, or make a new one."""
    return _choice(_analysis(public_id), NewPatientForm(formdata=None))


@blueprint.post("/results/<public_id>/move")
def make_patient(public_id: str) -> ResponseReturnValue:
    """Make a new patient, and keep a test with them."""
    analysis, form = _analysis(public_id), NewPatientForm()
    if not form.validate_on_submit():
        return _choice(analysis, form)
    made = new_patient(db.session(), analysis, author=_user(), name=form.name.data or "")
    return _moved(analysis, Destination(made))


@blueprint.route("/results/<public_id>/move/<patient_id>", methods=["GET", "POST"])
def choose_lesion(public_id: str, patient_id: str) -> ResponseReturnValue:
    """Choose which lesion of a patient a test shows, and keep it there."""
    analysis, chosen = _analysis(public_id), patient_of(db.session(), _user(), patient_id)
    if chosen.id != analysis.patient_id:
        require_active(chosen)
    lesions = lesions_of_patient(db.session(), _user(), chosen)
    form = LesionChoiceForm(data={"lesion": _current(analysis)})
    form.lesion.offer(lesions)
    if not form.validate_on_submit():
        page = render_template("patients/choose_lesion.html", analysis=analysis, patient=chosen, form=form)
        return page, 422 if form.is_submitted() else 200
    return _moved(analysis, form.lesion.destination(chosen, lesions))


def _choice(analysis: Analysis, form: NewPatientForm) -> ResponseReturnValue:
    search = SearchForm(request.args, data={"name": analysis.patient_name})
    form.name.data = form.name.data or analysis.patient_name
    page = page_of(db.session(), _user(), name=search.name.data) if search.validate() else None
    return render_template(
        "patients/choose_patient.html", analysis=analysis, kept=kept_with(analysis), search=search, page=page, form=form
    ), 422 if form.errors else 200


def _current(analysis: Analysis) -> str:
    lesion = db.session.scalar(lesions_of(_user()).where(Lesion.id == analysis.lesion_id))
    return lesion.public_id if lesion else ""


def _moved(analysis: Analysis, destination: Destination) -> ResponseReturnValue:
    move(db.session(), analysis, destination=destination)
    db.session.commit()
    flash("The test has been moved.", "success")
    return redirect(url_for("results.show", public_id=analysis.public_id), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), _user(), public_id)
