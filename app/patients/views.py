"""Pages of the patients: list, record, archive, merging, erasure."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from app.auth.proof import asks_again
from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.extensions import db
from app.patients import erasure, services
from app.patients.counts import counts_of
from app.patients.forms import SKIN_TYPES, ErasureForm, PatientForm, SearchForm
from app.patients.listing import page_of
from app.patients.marks import marked
from app.patients.seen import WrittenMeanwhileError, print_of, require_unchanged
from app.patients.selectors import lesions_of_patient, patient_of
from app.patients.tables import Patient
from app.patients.timeline import timeline_of

blueprint = Blueprint("patients", __name__)


@blueprint.get("/patients")
def index() -> ResponseReturnValue:
    """List the person's patients, as the form in the address asks for."""
    form = SearchForm(request.args)
    if not form.validate():
        return render_template("patients/index.html", form=form, page=None), 400
    page = page_of(
        db.session(),
        _user(),
        name=form.name.data,
        archived=form.archived.data,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return render_template("patients/index.html", form=form, page=page)


@blueprint.route("/patients/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Write down a new patient."""
    form = PatientForm()
    if not form.validate_on_submit():
        return _page("form", form=form, patient=None)
    patient = services.create(db.session(), author=_user(), facts=form.facts)
    db.session.commit()
    return _to(patient)


@blueprint.get("/patients/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Show a patient: details, lesions on the body map, and a page of the tests, newest first."""
    patient, session, user = _patient(public_id), db.session(), _user()
    lesions = lesions_of_patient(session, user, patient)
    return render_template(
        "patients/show.html",
        patient=patient,
        skin_types=SKIN_TYPES,
        lesions=[marked(lesion) for lesion in lesions],
        labels={lesion.id: lesion.label for lesion in lesions},
        counts=counts_of(session, patient),
        timeline=timeline_of(session, user, patient, after=request.args.get("after")),
    )


@blueprint.route("/patients/<public_id>/edit", methods=["GET", "POST"])
def edit(public_id: str) -> ResponseReturnValue:
    """Change what is written of a patient."""
    patient = _patient(public_id)
    form = PatientForm.of(patient)
    if not form.validate_on_submit():
        return _page("form", form=form, patient=patient)
    try:
        require_unchanged(db.session(), patient, form.seen.data)
    except WrittenMeanwhileError as error:
        form.seen.data = print_of(patient)
        return _page("form", error.status, form=form, patient=patient, meanwhile=True)
    services.amend(db.session(), patient, facts=form.facts)
    db.session.commit()
    return _to(patient)


@blueprint.post("/patients/<public_id>/archive")
def archive(public_id: str) -> ResponseReturnValue:
    """Leave a patient out of the list."""
    patient = _patient(public_id)
    services.archive(patient)
    db.session.commit()
    flash("The patient is archived. Nothing was deleted.", "success")
    return _to(patient)


@blueprint.post("/patients/<public_id>/unarchive")
def unarchive(public_id: str) -> ResponseReturnValue:
    """List a patient again."""
    patient = _patient(public_id)
    services.unarchive(patient)
    db.session.commit()
    flash("The patient is in the list again.", "success")
    return _to(patient)


@blueprint.route("/patients/<public_id>/merge", methods=["GET", "POST"])
def merge(public_id: str) -> ResponseReturnValue:
    """Find the record that is the same patient's, show what moves, and make one of both."""
    patient, session = _patient(public_id), db.session()
    other = _patient(request.args["other"]) if request.args.get("other") else None
    form = FlaskForm()
    if other is None or not form.validate_on_submit():
        return _merging(patient, other, form)
    try:
        services.merge(session, kept=patient, other=other, on=now().date())
    except AppError as error:
        return _merging(patient, other, form, error)
    session.commit()
    flash("The two patients are one now.", "success")
    return _to(patient)


@blueprint.route("/patients/<public_id>/erase", methods=["GET", "POST"])
@asks_again
def erase(public_id: str) -> ResponseReturnValue:
    """Erase a patient with everything that is kept of them, once the name has been typed."""
    patient, session = _patient(public_id), db.session()
    form = ErasureForm(patient)
    if not form.validate_on_submit():
        return _page("erase", form=form, patient=patient, counts=counts_of(session, patient))
    erasure.erase(session, patient)
    session.commit()
    flash("The patient is erased, with all lesions, tests and photographs.", "success")
    return redirect(url_for("patients.index"), 303)


def _merging(
    patient: Patient, other: Patient | None, form: FlaskForm, trouble: AppError | None = None
) -> ResponseReturnValue:
    session, search = db.session(), SearchForm(request.args, data={"name": patient.name})
    if other is not None and other.id == patient.id:
        other, trouble = None, services.MergeError("Please choose another patient.")
    page = page_of(session, _user(), name=search.name.data, archived=True) if search.validate() else None
    found = [listed for listed in (page.listed if page else ()) if listed.patient.id != patient.id]
    return _page(
        "merge",
        trouble.status if trouble else None,
        form=form,
        patient=patient,
        other=other,
        trouble=trouble,
        search=search,
        found=found,
        counts=None if other is None else counts_of(session, other),
        disagreements=() if other is None else services.disagreements(patient, other),
        skin_types=SKIN_TYPES,
    )


def _page(name: str, status: int | None = None, *, form: FlaskForm, **shown: object) -> ResponseReturnValue:
    page = render_template(f"patients/{name}.html", form=form, **shown)
    return page, status or (422 if form.is_submitted() else 200)


def _to(patient: Patient) -> ResponseReturnValue:
    return redirect(url_for("patients.show", public_id=patient.public_id), 303)


def _user() -> User:
    user: User = current_user._get_current_object()
    return user


def _patient(public_id: str) -> Patient:
    return patient_of(db.session(), _user(), public_id)
