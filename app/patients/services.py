"""What can be done with patients: create, amend, archive, merge. To erase one: `erasure`. The caller commits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.patients.consents.tables import Consent
from app.patients.records import PatientFacts
from app.patients.rules import LONGEST_NOTES
from app.patients.tables import FormerKeeping, FormerRecord, Lesion, Patient
from app.results.names import written_down
from app.results.retakes import settle
from app.results.tables import Analysis

FACTS = ("birth_year", "sex", "skin_type")


class ArchivedError(AppError):
    """A test was to be kept with a patient who is archived."""

    status = 409
    kind = "patient-archived"
    title = "This patient is archived"


class MergeError(AppError):
    """Two records that can't become one."""

    status = 409
    kind = "patients-not-mergeable"
    title = "These patients can't be merged"


def create(session: Session, *, author: User, facts: PatientFacts) -> Patient:
    """Keep a new patient, and flush the row; others may have the same name."""
    key = written_down(session, author.clinic_id, facts.name)
    patient = Patient(clinic_id=author.clinic_id, author_id=author.id, name_key=key, **asdict(facts))
    session.add(patient)
    session.flush()
    return patient


def amend(session: Session, patient: Patient, *, facts: PatientFacts) -> None:
    """Replace what is written of a patient; the patient's tests follow the name."""
    renamed = facts.name != patient.name
    for name, value in asdict(facts).items():
        setattr(patient, name, value)
    patient.name_key = written_down(session, patient.clinic_id, facts.name)
    session.flush()
    if renamed:
        _adopt(session, patient, patient)


def archive(patient: Patient) -> None:
    """Leave a patient out of the list; everything is kept."""
    patient.archived_at = patient.archived_at or now()


def unarchive(patient: Patient) -> None:
    """List a patient again."""
    patient.archived_at = None


def require_active(patient: Patient) -> None:
    """Raise ArchivedError if no test may be kept with a patient."""
    if patient.archived_at is not None:
        raise ArchivedError("No test is kept with an archived patient. Take the patient out of the archive first.")


def disagreements(kept: Patient, other: Patient) -> tuple[str, ...]:
    """Return the facts that two patients have differently: birth_year, sex, skin_type."""
    return tuple(
        fact
        for fact in FACTS
        if None not in (getattr(kept, fact), getattr(other, fact)) and getattr(kept, fact) != getattr(other, fact)
    )


def merge(session: Session, *, kept: Patient, other: Patient, on: date) -> None:
    """Give `kept` the lesions, tests and notes of `other`, who is removed, and the facts that are missing.

    MergeError if they are one and the same, or if their notes are too long together.
    """
    if kept.id == other.id or kept.clinic_id != other.clinic_id:
        raise MergeError("Please choose another patient.")
    require_active(kept)
    trace = f"Merged on {on.day} {on:%B %Y} with the patient “{other.name}”."
    notes = "\n\n".join(part for part in (kept.notes, trace, other.notes) if part)
    if len(notes) > LONGEST_NOTES:
        raise MergeError("Their notes together are longer than 10,000 characters. Please shorten them first.")
    kept.notes = notes
    for fact in FACTS:
        if getattr(kept, fact) is None:
            setattr(kept, fact, getattr(other, fact))
    session.execute(update(Lesion).where(Lesion.patient_id == other.id).values(patient_id=kept.id))
    _adopt(session, kept, other)
    for table in (FormerRecord, FormerKeeping, Consent):
        session.execute(update(table).where(table.patient_id == other.id).values(patient_id=kept.id))
    session.add(FormerRecord(public_id=other.public_id, patient_id=kept.id))
    session.delete(other)
    session.flush()


def _adopt(session: Session, patient: Patient, former: Patient) -> None:
    """Keep the tests of `former` with `patient`, under the patient's name."""
    session.execute(
        update(Analysis)
        .where(Analysis.patient_id == former.id)
        .values(patient_id=patient.id, patient_name=patient.name, patient_key=patient.name_key)
    )
    settle(session, patient.id)
