"""Whom and what a test has brought into the record: a patient by a new name, a new lesion, and nothing else of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.follow_ups.tables import FollowUp
from app.patients.selectors import lesions_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class MadeAlong:
    """The patient and the lesion that were made for a test and hold nothing but it; None where they hold more."""

    patient: Patient | None
    lesion: Lesion | None


def made_along(session: Session, user: User, analysis: Analysis) -> MadeAlong:
    """Return who and what would be left empty if a test were not there, and was not there before it."""
    lesion = session.scalar(
        lesions_of(user).where(
            Lesion.id == analysis.lesion_id,
            Lesion.created_at >= analysis.created_at,
            *(column.is_(None) for column in (Lesion.note, Lesion.first_noticed)),
            ~_another(analysis, Analysis.lesion_id == Lesion.id),
            ~exists().where(FollowUp.lesion_id == Lesion.id),
        )
    )
    patient = session.scalar(
        patients_of(user).where(
            Patient.id == analysis.patient_id,
            Patient.created_at >= analysis.created_at,
            *(column.is_(None) for column in (Patient.birth_year, Patient.skin_type, Patient.notes)),
            ~_another(analysis, Analysis.patient_id == Patient.id),
            ~exists().where(Lesion.patient_id == Patient.id, Lesion.id != (lesion.id if lesion else 0)),
        )
    )
    return MadeAlong(patient, lesion)


def _another(analysis: Analysis, kept_there: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Analysis.id).where(kept_there, Analysis.id != analysis.id).exists()
