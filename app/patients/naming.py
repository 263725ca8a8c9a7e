"""Find a patient's name in what people have typed elsewhere, as far as it can mean nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.encrypted.names import folded
from app.patients.tables import Patient

SHORTEST = 3  # characters of a name that are looked for inside a longer text


@dataclass(frozen=True, slots=True)
class Name:
    """A patient's name, folded; `alone` tells that no other patient has it, so that it means this one."""

    key: str
    alone: bool

    def is_it(self, text: str | None) -> bool:
        """Tell whether a text is the name, and can mean nobody else."""
        return self.alone and bool(text) and folded(text or "") == self.key

    def is_in(self, text: str | None) -> bool:
        """Tell whether a text has the name in it, and can mean nobody else."""
        return self.alone and len(self.key) >= SHORTEST and self.key in folded(text or "")


def name_of(session: Session, patient: Patient) -> Name:
    """Return a patient's name, and whether another patient has the same."""
    namesake = exists().where(
        Patient.clinic_id == patient.clinic_id, Patient.name_key == patient.name_key, Patient.id != patient.id
    )
    return Name(folded(patient.name), alone=not session.scalar(select(namesake)))
