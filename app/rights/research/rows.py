"""What an export for research says of a test, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from app.results.tables import Analysis
from app.rights.research.pseudonyms import Pseudonyms

OLDEST = 90  # HIPAA, 45 CFR 164.514(b)(2)(i)(C): ages over 89 are told as one
BAND = 5  # years
UNKNOWN = "unknown"

DICTIONARY: Mapping[str, str] = MappingProxyType(
    {
        "test": "pseudonym of the test; the photograph is photographs/TEST.png if it is in the export",
        "patient": "pseudonym of the patient; another one in every export",
        "lesion": "pseudonym of the lesion, if the test was kept with one",
        "date": "day of the test, moved by a constant of the patient's of up to a year; intervals are true",
        "age_band": "age at the test in bands of five years; 90+ from there on",
        "sex": "female, male, or unknown",
        "skin_type": "Fitzpatrick's, 1 to 6",
        "site": "body site in the words of HAM10000, or unknown",
        "accepted": "whether the photograph was good enough for an answer",
        "reasons": "what spoke against the photograph, separated by blanks",
        "model": "classifier",
        "version": "its version",
        "label": "its most likely class; empty where it gave no answer, or where it is hidden from who exported",
        "malignancy": "its probability of malignancy",
        "threshold": "malignancy from which it alerted",
        "probabilities": "probability of each class, as code=value, separated by blanks",
        "assessment": "what the clinician thought, as a class, or uncertain",
        "diagnosis": "the confirmed diagnosis, as a class",
        "photograph": "included; or withheld, because nobody has confirmed that it tells nothing of who it is",
    }
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What of a patient could be known elsewhere: the groups that are counted are of these."""

    age_band: str
    sex: str
    site: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose test it is, as far as an export uses it; ids are ours and leave it as pseudonyms only."""

    patient: str
    lesion: str | None
    birth_year: int | None
    sex: str | None
    skin_type: int | None
    site: str | None


def cell_of(analysis: Analysis, subject: Subject) -> Cell:
    """Return the group that a test falls into."""
    return Cell(
        age_band=age_band(_age(analysis, subject)),
        sex=subject.sex or analysis.sex or UNKNOWN,
        site=subject.site or analysis.body_site or UNKNOWN,
    )


def age_band(age: int | None) -> str:
    """Return an age as an export tells it."""
    if age is None:
        return UNKNOWN
    if age >= OLDEST:
        return f"{OLDEST}+"
    low = age // BAND * BAND
    return f"{low}-{low + BAND - 1}"


def row_of(
    analysis: Analysis, subject: Subject, pseudonyms: Pseudonyms, *, hidden: bool, included: bool
) -> Sequence[str | int | float | None]:
    """Return what is told of a test, in the order of DICTIONARY."""
    answered, cell = analysis.accepted and not hidden, cell_of(analysis, subject)
    told: dict[str, str | int | float | None] = {
        "test": pseudonyms.of("test", analysis.public_id),
        "patient": pseudonyms.of("patient", subject.patient),
        "lesion": subject.lesion and pseudonyms.of("lesion", subject.lesion),
        "date": pseudonyms.shifted(analysis.created_at.date(), subject.patient).isoformat(),
        **{field.name: getattr(cell, field.name) for field in fields(cell)},
        "skin_type": subject.skin_type,
        "accepted": "yes" if analysis.accepted else "no",
        "reasons": " ".join(analysis.reasons),
        "model": analysis.model_name,
        "version": analysis.model_version,
        "label": analysis.label if answered else None,
        "malignancy": analysis.malignancy if answered else None,
        "threshold": analysis.threshold,
        "probabilities": _probabilities(analysis) if answered else None,
        "assessment": analysis.assessment,
        "diagnosis": analysis.diagnosis,
        "photograph": "included" if included else "withheld",
    }
    return [told[column] for column in DICTIONARY]


def _age(analysis: Analysis, subject: Subject) -> int | None:
    if analysis.age is not None:
        return analysis.age
    return None if subject.birth_year is None else analysis.created_at.year - subject.birth_year


def _probabilities(analysis: Analysis) -> str:
    return " ".join(f"{code}={value!r}" for code, value in sorted(analysis.probabilities.items()))
