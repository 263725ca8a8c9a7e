"""Elements that every FHIR resource is built of: identities, references, codes, quantities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from app.interop.codes import DICOM, OWN, SNOMED, Concept

Resource = dict[str, Any]  # as JSON has it
NAMESPACE = UUID("a47118b7-f3a9-4c4e-8e07-ecc48ed595de")  # never changes: what was sent before is known by it
URI = "urn:ietf:rfc:3986"
UCUM = "http://unitsofmeasure.org"
LOINC = "LN"  # as DICOM calls it
SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        SNOMED: "http://snomed.info/sct",
        LOINC: "http://loinc.org",
        DICOM: "http://dicom.nema.org/resources/ontology/DCM",
        OWN: f"urn:uuid:{NAMESPACE}",
    }
)


def identity(kind: str, *parts: str) -> str:
    """Return the id of what we send of a kind, the same whenever it is sent: a UUID of version 5."""
    return str(uuid5(NAMESPACE, "/".join((kind, *parts))))


def identifier(id_: str) -> Resource:
    """Return an id as the identifier by which a resource is found wherever it has gone."""
    return {"system": URI, "value": f"urn:uuid:{id_}"}


def resource(kind: str, id_: str, **fields: Any) -> Resource:
    """Return a resource; FHIR knows no empty elements, so those are left out."""
    return {"resourceType": kind, "id": id_, **filled(fields)}


def filled(fields: Mapping[str, Any]) -> Resource:
    """Leave out what is None or empty; false and zero say something."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}


def reference(id_: str) -> Resource:
    """Return a reference to a resource of the same bundle."""
    return {"reference": f"urn:uuid:{id_}"}


def person(name: str) -> Resource:
    """Return a reference to somebody of whom we know the name only."""
    return {"type": "Practitioner", "display": name}


def concept(known: Concept, text: str | None = None) -> Resource:
    """Return a code of a coding scheme with its meaning; `text` is what was said in our words."""
    return {"coding": [coding(SYSTEMS[known.scheme], known.code, known.meaning)], "text": text or known.meaning}


def coding(system: str, code: str, display: str) -> Resource:
    """Return a code of a system that FHIR itself names."""
    return {"system": system, "code": code, "display": display}


def own(code: str, meaning: str, text: str | None = None) -> Resource:
    """Return a code of ours, for what no standard has a code that says the same."""
    return concept(Concept(OWN, code, meaning), text)


def said(text: str) -> Resource:
    """Return words without a code."""
    return {"text": text}


def share(value: float) -> Resource:
    """Return a number without a unit, such as a probability in [0, 1], as exact as it was computed."""
    return {"value": value, "unit": "1", "system": UCUM, "code": "1"}


def quantity(value: float, unit: str, ucum: str) -> Resource:
    """Return a measure; `unit` is what people read."""
    return {"value": value, "unit": unit, "system": UCUM, "code": ucum}


def note(*texts: str) -> list[Resource]:
    """Return remarks, those that say something."""
    return [{"text": text} for text in texts if text]


def instant(moment: datetime) -> str:
    """Write a time as FHIR wants it, to the millisecond and with its zone."""
    return moment.isoformat(timespec="milliseconds")
