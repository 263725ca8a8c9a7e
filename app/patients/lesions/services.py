"""What can be done with lesions: create, amend, remove. The caller commits."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.erasures.services import Listed, erases_again, write_down
from app.erasures.tables import LESION
from app.patients.records import LesionFacts
from app.patients.tables import Lesion, Patient
from app.results.retakes import settle
from app.results.tables import Analysis


def create(session: Session, patient: Patient, *, facts: LesionFacts) -> Lesion:
    """Keep a new lesion of a patient, and flush the row; without a label it is numbered."""
    label = facts.label or f"Lesion {_count(session, patient) + 1}"
    lesion = Lesion(patient_id=patient.id, **asdict(facts) | {"label": label})
    session.add(lesion)
    session.flush()
    return lesion


def amend(lesion: Lesion, *, facts: LesionFacts) -> None:
    """Replace what is written of a lesion; it keeps its label if there is no other."""
    for name, value in (asdict(facts) | {"label": facts.label or lesion.label}).items():
        setattr(lesion, name, value)


def remove(session: Session, lesion: Lesion) -> None:
    """Delete a lesion; its tests stay with the patient."""
    write_down(session, LESION, [lesion.public_id])
    session.execute(update(Analysis).where(Analysis.lesion_id == lesion.id).values(lesion_id=None))
    session.delete(lesion)
    settle(session, lesion.patient_id)


@erases_again(LESION)
def remove_again(session: Session, public_id: str, _listed: Listed) -> bool:
    """Delete a lesion that a backup has brought back."""
    lesion = session.scalar(select(Lesion).where(Lesion.public_id == public_id))
    if lesion is not None:
        remove(session, lesion)
        session.flush()
    return lesion is not None


def _count(session: Session, patient: Patient) -> int:
    return session.scalar(select(func.count()).where(Lesion.patient_id == patient.id)) or 0
