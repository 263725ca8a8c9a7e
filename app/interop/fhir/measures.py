"""What was measured of the lesion's outline, as an `Observation`."""

from __future__ import annotations

from app.interop.fhir.devices import outliner_id
from app.interop.fhir.elements import Resource, own, quantity, said, share
from app.interop.fhir.observations import computed
from app.interop.fhir.record import Record
from app.results.outlines.measures import MEASURES, colours_of

OUTLINE = "outline"
METHOD = "Measured on an outline that a network drew on the photograph. Lengths need a scale that somebody drew."
UNITS = {"diameter": ("mm", "mm"), "area": ("mm²", "mm2")}  # what people read, and UCUM


def measures(record: Record) -> Resource | None:
    """Return the measures that are known; that there are none, and why; None where nobody has looked yet."""
    outliner, refusal = outliner_id(record), record.measured.refusal
    if outliner is None:
        return None
    return computed(
        record,
        OUTLINE,
        method=METHOD,
        device=outliner,
        code=own("outline-measures", "Measures of the lesion's outline"),
        dataAbsentReason=None if refusal is None else said(refusal),
        component=[] if refusal else _components(record),
    )


def _components(record: Record) -> list[Resource]:
    values = [(measure, measure.value(record.measured)) for measure in MEASURES]
    known = [
        {
            "code": own(measure.code, measure.name, f"{measure.name}: {measure.meaning}"),
            "valueQuantity": _quantity(measure.code, value),
        }
        for measure, value in values
        if value is not None
    ]
    colours = ", ".join(colours_of(record.measured)) or "none of them"
    return [*known, {"code": own("abcd-colours", "Colours of the ABCD rule"), "valueString": colours}]


def _quantity(code: str, value: float) -> Resource:
    return quantity(value, *UNITS[code]) if code in UNITS else share(value)
