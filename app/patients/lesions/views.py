"""Pages of the lesions: one with its photographs, a new one, changes, removal."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.proof import asks_again
from app.auth.tables import User
from app.extensions import db
from app.inference import outline_noise
from app.patients.lesions import services
from app.patients.lesions.change import Change, change_between
from app.patients.lesions.comparison import Comparison, compared
from app.patients.lesions.course import course_of
from app.patients.lesions.forms import LesionForm
from app.patients.lesions.taking import taken
from app.patients.marks import marked
from app.patients.seen import WrittenMeanwhileError, print_of, require_unchanged
from app.patients.selectors import lesion_of, lesions_of_patient, patient_of, tests_of_lesion
from app.patients.tables import Lesion, Patient
from app.storage import current_storage

blueprint = Blueprint("lesions", __name__)


@blueprint.route("/patients/<public_id>/lesions/new", methods=["GET", "POST"])
def new(public_id: str) -> ResponseReturnValue:
    """Write down a new lesion of a patient."""
    patient = patient_of(db.session(), _user(), public_id)
    form = LesionForm()
    if not form.validate_on_submit():
        return _form(form, patient)
    lesion = services.create(db.session(), patient, facts=form.facts)
    db.session.commit()
    return _to(lesion)


@blueprint.get("/lesions/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Show a lesion: its photographs in the order of time, two of them compared, its course, details and place."""
    return page_of_lesion(public_id)


def page_of_lesion(public_id: str, **shown: object) -> str:
    """Return the page of a lesion; `shown` is what else it is to show."""
    patient, lesion = _lesion(public_id)
    tests = tests_of_lesion(db.session(), _user(), lesion)
    comparison = compared(tests, request.args.get("then"), request.args.get("now"))
    return render_template(
        "patients/lesion.html",
        patient=patient,
        lesion=lesion,
        mark=marked(lesion),
        tests=tests,
        compared=comparison,
        change=None if comparison is None else _change(comparison),
        course=course_of(_user(), tests),
        **shown,
    )


@blueprint.route("/lesions/<public_id>/edit", methods=["GET", "POST"])
def edit(public_id: str) -> ResponseReturnValue:
    """Change what is written of a lesion."""
    patient, lesion = _lesion(public_id)
    form = LesionForm.of(lesion)
    if not form.validate_on_submit():
        return _form(form, patient, lesion)
    try:
        require_unchanged(db.session(), lesion, form.seen.data)
    except WrittenMeanwhileError as error:
        form.seen.data = print_of(lesion)
        return _form(form, patient, lesion, status=error.status)
    services.amend(lesion, facts=form.facts)
    db.session.commit()
    return _to(lesion)


@blueprint.post("/lesions/<public_id>/delete")
@asks_again
def delete(public_id: str) -> ResponseReturnValue:
    """Remove a lesion; its tests stay with the patient."""
    patient, lesion = _lesion(public_id)
    services.remove(db.session(), lesion)
    db.session.commit()
    flash("The lesion is removed. Its tests are still kept with the patient.", "success")
    return redirect(url_for("patients.show", public_id=patient.public_id), 303)


def _change(comparison: Comparison) -> Change:
    then, now = taken(db.session(), current_storage(), (comparison.then, comparison.now))
    return change_between(then, now, outline_noise())


def _form(
    form: LesionForm, patient: Patient, lesion: Lesion | None = None, *, status: int | None = None
) -> ResponseReturnValue:
    others = [
        marked(other)
        for other in lesions_of_patient(db.session(), _user(), patient)
        if lesion is None or other.id != lesion.id
    ]
    shown = {"form": form, "patient": patient, "lesion": lesion, "others": others, "meanwhile": status is not None}
    return render_template("patients/lesion_form.html", **shown), status or (422 if form.is_submitted() else 200)


def _to(lesion: Lesion) -> ResponseReturnValue:
    return redirect(url_for("lesions.show", public_id=lesion.public_id), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _lesion(public_id: str) -> tuple[Patient, Lesion]:
    return lesion_of(db.session(), _user(), public_id)
