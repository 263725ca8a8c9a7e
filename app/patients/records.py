"""What is said of patients and lesions: plain values, already judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.patients.tables import Lesion, Patient


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What a clinician writes of a patient; `skin_type` is Fitzpatrick's, 1 to 6, and blank fields are None."""

    name: str
    birth_year: int | None = None
    sex: str | None = None
    skin_type: int | None = None
    notes: str | None = None

    @classmethod
    def of(cls, patient: Patient) -> PatientFacts:
        """Return what is written of a patient."""
        return cls(patient.name, patient.birth_year, patient.sex, patient.skin_type, patient.notes)


@dataclass(frozen=True, slots=True)
class LesionFacts:
    """What a clinician writes of a lesion; without a `label` it is numbered.

    `side`, `x` and `y` are its place on the body map: all three, or none.
    """

    label: str | None = None
    site: str | None = None
    side: str | None = None
    x: float | None = None
    y: float | None = None
    first_noticed: date | None = None
    note: str | None = None

    @classmethod
    def of(cls, lesion: Lesion) -> LesionFacts:
        """Return what is written of a lesion."""
        place = lesion.side, lesion.x, lesion.y
        return cls(lesion.label, lesion.site, *place, lesion.first_noticed, lesion.note)


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the body map: `side` is front or back, `x` and `y` are fractions of that figure's box."""

    side: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class MarkedLesion:
    """A lesion as the body map shows it: `url` is its page; `side` is None where it has no place on the map."""

    public_id: str
    label: str
    site: str | None
    side: str | None
    x: float | None
    y: float | None
    url: str
