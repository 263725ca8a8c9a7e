"""What the page of a test says of the lesion's outline and measures."""

from __future__ import annotations

from dataclasses import dataclass

from app.extensions import db
from app.inference import outline_version
from app.results.outlines.measures import MEASURES, colours_of
from app.results.outlines.records import Measured
from app.results.outlines.selectors import measured
from app.results.tables import Analysis

WAITS = "This photograph has not been measured yet. Please load the page again in a moment."
NO_NETWORK = "Lesions can't be outlined here: the network for it is not installed."
NEEDS_SCALE = "Needs a scale"


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of one photograph in words."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Outlined:
    """What is known of a lesion's outline; `why_not` is a sentence where there is none, and `rows` are empty then.

    `coming`: the worker has still to look at the photograph, so that the page may wait for it.
    """

    measured: Measured
    rows: tuple[Row, ...]
    why_not: str
    coming: bool


def outlined(analysis: Analysis) -> Outlined:
    """Return what the page of a test says of the outline, for any template."""
    known = measured(db.session(), analysis)
    why = why_not(known)
    return Outlined(known, () if why else _rows(known), why, coming=why == WAITS)


def why_not(known: Measured) -> str:
    """Say why a photograph has no outline; nothing if it has one."""
    if known.waits:
        return WAITS if outline_version() else NO_NETWORK
    return known.refusal or ""


def _rows(known: Measured) -> tuple[Row, ...]:
    values = [(measure, measure.value(known)) for measure in MEASURES]
    measures = [
        Row(measure.name, NEEDS_SCALE if value is None else measure.write(value), measure.meaning)
        for measure, value in values
    ]
    colours = ", ".join(colours_of(known)) or "None of them"
    return (*measures, Row("Colours of the ABCD rule", colours, "each fills at least a twentieth of the lesion"))
