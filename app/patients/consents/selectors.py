"""Queries for consents, of patients whom a person has been let see already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.extensions import db
from app.patients.consents.tables import USES, Consent
from app.patients.tables import Patient


def of_patient(patient: Patient) -> Select[Consent]:
    """Select what was recorded of a patient's consent."""
    return select(Consent).where(Consent.patient_id == patient.id)


def consents_of(session: Session, patient: Patient) -> Sequence[Consent]:
    """Return all that was recorded of a patient's consent, the newest first."""
    return session.scalars(of_patient(patient).order_by(Consent.id.desc())).all()


def in_force(consents: Sequence[Consent]) -> Mapping[str, Consent | None]:
    """Return what holds for each use, of consents with the newest first; None where nothing was recorded."""
    return {purpose: next((one for one in consents if one.purpose == purpose), None) for purpose in USES}


def consents_in_force(patient: Patient) -> Mapping[str, Consent | None]:
    """Return what holds for each use, for any template."""
    return in_force(consents_of(db.session(), patient))


def has_agreed(purpose: str) -> ColumnElement[bool]:
    """Match the patients whose consent to a use is in force."""
    any_of = aliased(Consent)
    of_purpose = any_of.patient_id == Patient.id, any_of.purpose == purpose
    newest = select(func.max(any_of.id)).where(*of_purpose).correlate(Patient).scalar_subquery()
    given = select(Consent.id).where(Consent.id == newest, Consent.given.is_(True)).correlate(Patient)
    return given.exists()
