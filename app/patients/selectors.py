"""Queries for patients and lesions: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import NotFoundError
from app.patients.tables import Lesion, Patient
from app.results.names import name_key
from app.results.selectors import LISTED, analyses_of
from app.results.tables import Analysis


def patients_of(user: User) -> Select[Patient]:
    """Select the patients of a person's clinic, archived ones too."""
    return select(Patient).where(Patient.clinic_id == user.clinic_id)


def lesions_of(user: User) -> Select[Lesion]:
    """Select the lesions of the patients of a person's clinic."""
    return select(Lesion).join(Patient, Patient.id == Lesion.patient_id).where(Patient.clinic_id == user.clinic_id)


def patient_of(session: Session, user: User, public_id: str) -> Patient:
    """Return one patient of a person's clinic; NotFoundError if there is none, or if it is another's."""
    patient = session.scalar(patients_of(user).where(Patient.public_id == public_id))
    if patient is None:
        raise NotFoundError("There is no such patient. The record may have been erased or merged.")
    return patient


def lesion_of(session: Session, user: User, public_id: str) -> tuple[Patient, Lesion]:
    """Return one lesion of a person's patients, with its patient; NotFoundError if there is none such."""
    lesion = session.scalar(lesions_of(user).where(Lesion.public_id == public_id))
    patient = None if lesion is None else session.get(Patient, lesion.patient_id)
    if lesion is None or patient is None:
        raise NotFoundError("There is no such lesion. It may have been removed.")
    return patient, lesion


def lesions_of_patient(session: Session, user: User, patient: Patient) -> Sequence[Lesion]:
    """Return a patient's lesions in the order in which they were written down."""
    return session.scalars(lesions_of(user).where(Lesion.patient_id == patient.id).order_by(Lesion.id)).all()


def namesakes_of(session: Session, user: User, name: str) -> Sequence[Patient]:
    """Return the patients who have a name, however it is spelt; archived ones too."""
    same = Patient.name_key == name_key(session, user.clinic_id, name)
    return session.scalars(patients_of(user).where(same).order_by(Patient.id)).all()


def tests_of_lesion(session: Session, user: User, lesion: Lesion) -> Sequence[Analysis]:
    """Return a lesion's tests in the order of time, without what only their own pages show."""
    of_lesion = analyses_of(user).where(Analysis.lesion_id == lesion.id)
    return session.scalars(of_lesion.order_by(Analysis.created_at, Analysis.id).options(*LISTED)).all()
