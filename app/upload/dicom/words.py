"""What a DICOM file says, in sentences for whoever confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.decoding.facts import DicomFacts
from app.encrypted.names import folded
from app.patients.tables import Patient

BURNED_IN = (
    "The file says that something is written in the picture. It would be kept with the picture: please look whether it "
    "names the patient."
)
RECOGNISABLE = "The file says that the patient can be recognised in the picture. It would be kept as it is."


def said(facts: DicomFacts) -> list[tuple[str, str]]:
    """Return what the file says, each with what it is about; what it doesn't say is left out."""
    rows = [
        ("Name", " · ".join(filter(None, (facts.name, *facts.other_names)))),
        ("Patient number", facts.patient_id),
        ("Born", facts.born and written(facts.born)),
        ("Age", None if facts.age is None else f"{facts.age}, when the photograph was taken"),
        ("Sex", facts.sex),
        ("Body site", _site(facts)),
        ("Side", facts.side),
        ("Photographed", facts.taken and written(facts.taken)),
        ("Device", facts.device),
    ]
    return [(label, value) for label, value in rows if value]


def note_of(facts: DicomFacts) -> str | None:
    """Return what the form has no field for, to be kept as a note: when it was taken, and on which side."""
    parts = [f"photographed on {written(facts.taken)}" if facts.taken else "", facts.side or ""]
    told = ", ".join(filter(None, parts))
    return f"{told[0].upper()}{told[1:]} (from the DICOM file)." if told else None


def doubts(facts: DicomFacts, patient: Patient | None) -> list[str]:
    """Return what has to be looked at before the photograph is kept, with `patient` if one was chosen."""
    found = [BURNED_IN] * facts.burned_in + [RECOGNISABLE] * facts.recognisable
    if patient is None:
        return found
    if facts.name and not _may_be_called(facts, patient.name):
        found.append(f"The file is of {facts.name}. You have chosen {patient.name}.")
    if facts.sex and patient.sex and facts.sex != patient.sex:
        found.append(f"The patient in the file is {facts.sex}. The patient whom you have chosen is {patient.sex}.")
    if facts.born and patient.birth_year and facts.born.year != patient.birth_year:
        found.append(
            f"The patient in the file was born in {facts.born.year}. The patient whom you have chosen was born in "
            f"{patient.birth_year}."
        )
    return found


def differs(given: object, stated: object) -> str | None:
    """Return what the file says where a field has something else; None where they agree, or the file says nothing."""
    return None if stated is None or given == stated else f"The file says: {stated}."


def written(day: date) -> str:
    """Write a day as pages do."""
    return f"{day.day} {day:%B %Y}"


def _site(facts: DicomFacts) -> str | None:
    if facts.region and facts.body_site and facts.region.casefold() != facts.body_site:
        return f"{facts.region} ({facts.body_site})"
    return facts.region or facts.body_site


def _may_be_called(facts: DicomFacts, name: str) -> bool:
    """Tell whether a name, or a reference, is one of those in the file, whatever the order of its parts."""
    theirs: Sequence[str | None] = (facts.name, *facts.other_names, facts.patient_id)
    return _parts(name) in [_parts(other) for other in theirs if other]


def _parts(name: str) -> frozenset[str]:
    return frozenset(folded(name.replace(",", " ")).split())
