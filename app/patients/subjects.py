"""Whose a test or a lesion is, for the audit log."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import names_patient_of
from app.audit.events import LESION, TEST
from app.auth.tables import User
from app.patients.selectors import lesions_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.selectors import analyses_of
from app.results.tables import Analysis


@names_patient_of(TEST)
def patient_of_test(session: Session, actor_id: int, public_id: str) -> str | None:
    """Return the public id of the patient with whom a test is kept; None if with nobody, or it is not theirs."""
    user = session.get_one(User, actor_id)
    kept_with = analyses_of(user).where(Analysis.public_id == public_id).with_only_columns(Analysis.patient_id)
    return session.scalar(select(Patient.public_id).where(Patient.id.in_(kept_with)))


@names_patient_of(LESION)
def patient_of_lesion(session: Session, actor_id: int, public_id: str) -> str | None:
    """Return the public id of the patient whose lesion it is; None if it is not theirs to know."""
    user = session.get_one(User, actor_id)
    on = lesions_of(user).where(Lesion.public_id == public_id).with_only_columns(Lesion.patient_id)
    return session.scalar(patients_of(user).where(Patient.id.in_(on)).with_only_columns(Patient.public_id))
