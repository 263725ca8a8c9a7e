"""Operations on patients: list, write down, change, merge, erase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, url_for

from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.operation import operation
from app.api.paging import part_of
from app.api.patients.schemas import MergeSent, PatientAnswer, PatientChanges, PatientQuery, PatientSent
from app.api.reading import naming
from app.api.schemas import Page
from app.api.tokens.scopes import ADMIN, READ, WRITE
from app.clock import now
from app.extensions import db
from app.patients import erasure, services
from app.patients.listing import found, with_tests
from app.patients.records import PatientFacts
from app.patients.selectors import patient_of
from app.patients.tables import Patient

blueprint = Blueprint("api_patients", __name__, url_prefix="/api/v1/patients")


@blueprint.get("")
@operation("List patients", scope=READ, answers={200: Page[PatientAnswer]}, query=PatientQuery)
def index(query: PatientQuery) -> Page[PatientAnswer]:
    """List the patients of your clinic, the newest first."""
    session = db.session()
    patients, following = part_of(
        session, found(session, caller(), query.name, archived=query.archived), Patient.id, query
    )
    return Page(items=[PatientAnswer.of(listed) for listed in with_tests(session, patients)], next=following)


@blueprint.post("")
@operation("Write down a patient", scope=WRITE, answers={201: PatientAnswer}, body=PatientSent, makes=True)
def new(body: PatientSent) -> tuple[PatientAnswer, int, dict[str, str]]:
    """Write down a new patient, even if there is one of the same name."""
    patient = services.create(db.session(), author=caller(), facts=PatientFacts(**body.model_dump()))
    location = url_for("api_patients.show", public_id=patient.public_id)
    commit_made(location)
    return _answer(patient), 201, {"Location": location}


@blueprint.get("/<public_id:public_id>")
@operation("Show a patient", scope=READ, answers={200: PatientAnswer})
def show(public_id: str) -> PatientAnswer:
    """Answer what is written of a patient."""
    return _answer(_patient(public_id))


@blueprint.patch("/<public_id:public_id>")
@operation("Change a patient", scope=WRITE, answers={200: PatientAnswer}, body=PatientChanges)
def change(public_id: str, body: PatientChanges) -> PatientAnswer:
    """Change what is sent, and nothing else; the patient's tests follow the name."""
    patient, changes = _patient(public_id), body.changes
    _archive(patient, changes)
    services.amend(db.session(), patient, facts=replace(PatientFacts.of(patient), **changes))
    db.session.commit()
    return _answer(patient)


@blueprint.delete("/<public_id:public_id>")
@operation("Erase a patient", scope=ADMIN, answers={204: None})
def erase(public_id: str) -> None:
    """Erase a patient with all lesions, tests, photographs and reports. This can't be undone."""
    erasure.erase(db.session(), _patient(public_id))
    db.session.commit()


@blueprint.post("/<public_id:public_id>/merge")
@operation("Merge two patients", scope=ADMIN, answers={200: PatientAnswer}, body=MergeSent, problems=(409,))
def merge(public_id: str, body: MergeSent) -> PatientAnswer:
    """Give this patient the lesions, tests and notes of another, whose record goes, and the facts that are missing.

    Where both have a fact, this patient's stays.
    """
    patient = _patient(public_id)
    with naming("body", "/other"):
        other = _patient(body.other)
    services.merge(db.session(), kept=patient, other=other, on=now().date())
    db.session.commit()
    return _answer(patient)


def _archive(patient: Patient, changes: dict[str, Any]) -> None:
    """Put a patient into the archive, or take them out, if that is among the changes, which it is taken from."""
    archived = changes.pop("archived", None)
    if archived is not None:
        (services.archive if archived else services.unarchive)(patient)


def _answer(patient: Patient) -> PatientAnswer:
    (listed,) = with_tests(db.session(), [patient])
    return PatientAnswer.of(listed)


def _patient(public_id: str) -> Patient:
    return patient_of(db.session(), caller(), public_id)
