"""How much is kept with a patient."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tests and lesions a patient has, and how many of the clinic's tests bear the name and are nobody's."""

    tests: int
    lesions: int
    unassigned: int


def counts_of(session: Session, patient: Patient) -> Counts:
    """Count what is kept with a patient, and what the name could hide."""
    tests = select(func.count()).where(Analysis.patient_id == patient.id)
    lesions = select(func.count()).where(Lesion.patient_id == patient.id)
    unassigned = select(func.count()).where(
        Analysis.clinic_id == patient.clinic_id,
        Analysis.patient_key == patient.name_key,
        Analysis.patient_id.is_(None),
    )
    return Counts(*(session.scalar(count) or 0 for count in (tests, lesions, unassigned)))
