"""Who and what is photographed: `Patient`, `BodyStructure`, and the site in codes."""

from __future__ import annotations

from app.encrypted import required
from app.interop.codes import LEFT, RIGHT, SITES
from app.interop.fhir.elements import Resource, concept, identifier, identity, reference, resource, said
from app.interop.fhir.record import Record
from app.interop.laterality import is_left
from app.results.report.text import one_line

GENDERS = {"female": "female", "male": "male"}


def patient_id(record: Record) -> str:
    """Return the id of the patient; of a test that is kept with nobody, that of somebody known by this test alone."""
    if record.patient is None:
        return identity("Patient", "of", record.analysis.public_id)
    return identity("Patient", record.patient.public_id)


def patient(record: Record) -> Resource:
    """Return what we know of the patient, and no more: the name as it was typed, sex, year of birth."""
    known, analysis = record.patient, record.analysis
    id_, name = patient_id(record), one_line(required(known.name if known else analysis.patient_name))
    return resource(
        "Patient",
        id_,
        identifier=[identifier(id_)],
        name=[{"text": name}] if name else None,
        gender=GENDERS.get((known.sex if known else analysis.sex) or ""),
        birthDate=f"{known.birth_year:04}" if known and known.birth_year else None,
    )


def lesion_id(record: Record) -> str | None:
    """Return the id of the lesion; None where the test is kept at none."""
    return None if record.lesion is None else identity("BodyStructure", record.lesion.public_id)


def lesion(record: Record) -> Resource | None:
    """Return the lesion that the test is kept at; None where it is kept at none."""
    id_, known = lesion_id(record), record.lesion
    if id_ is None or known is None:
        return None
    left = is_left(known)
    return resource(
        "BodyStructure",
        id_,
        identifier=[identifier(id_)],
        location=_site(known.site),
        locationQualifier=None if left is None else [concept(LEFT if left else RIGHT)],
        description=one_line(known.label),
        patient=reference(patient_id(record)),
    )


def body_site(record: Record) -> Resource | None:
    """Return where the lesion is, else what was said with the test; None where nothing was."""
    return _site((record.lesion.site if record.lesion else None) or record.analysis.body_site)


def _site(site: str | None) -> Resource | None:
    if not site:
        return None
    return concept(SITES[site], site) if site in SITES else said(site)
