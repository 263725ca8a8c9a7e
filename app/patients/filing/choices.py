"""What a form knows and offers when a test is to be kept with a chosen patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs

from app.auth.tables import User
from app.inference import OLDEST
from app.patients.filing.services import Destination
from app.patients.records import Place
from app.patients.selectors import lesion_of, patient_of
from app.patients.services import require_active
from app.patients.tables import Lesion, Patient

NEW = "new"


class LesionField(SelectField):
    """One of a patient's lesions by its public id, a new one, or none."""

    def __init__(self, label: str = "Lesion", **options: Any) -> None:
        super().__init__(label, default="", **options)

    def offer(self, lesions: Sequence[Lesion]) -> None:
        """Set the lesions to choose from."""
        self.choices = [
            SelectChoice("", "None of them"),
            SelectChoice(NEW, "A new lesion at this body site"),
            *(SelectChoice(lesion.public_id, _words(lesion)) for lesion in lesions),
        ]

    def destination(self, patient: Patient, lesions: Sequence[Lesion], place: Place | None = None) -> Destination:
        """Return what was chosen; `place` is where a new lesion would lie."""
        lesion = next((lesion for lesion in lesions if lesion.public_id == self.data), None)
        new = self.data == NEW
        return Destination(patient, lesion, new_lesion=new, place=place if new else None)


def chosen_by(session: Session, user: User, *, patient: str | None, lesion: str | None) -> Destination | None:
    """Return where an address that names a patient or a lesion leads; None if it names neither.

    NotFoundError if it is not the person's, ArchivedError if no test may be kept there.
    """
    if not (lesion or patient):
        return None
    chosen = lesion_of(session, user, lesion) if lesion else (patient_of(session, user, patient or ""),)
    require_active(chosen[0])
    return Destination(*chosen)


def known_of(chosen: Destination, year: int) -> dict[str, Any]:
    """Return what the form of a new test is filled in with; the age is that of the patient's birthday in `year`."""
    patient, lesion = chosen.patient, chosen.lesion
    return {
        "age": None if patient.birth_year is None else max(0, min(OLDEST, year - patient.birth_year)),
        "sex": patient.sex or "",
        "body_site": (lesion.site or "") if lesion else "",
        "lesion": lesion.public_id if lesion else "",
    }


def _words(lesion: Lesion) -> str:
    return f"{lesion.label}, {lesion.site}" if lesion.site else lesion.label
