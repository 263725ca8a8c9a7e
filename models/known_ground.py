"""On how many lesions of a patient's age, sex and body site a classifier was measured: from its card alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.card import Card

UNKNOWN = "unknown"
AGES = (30, 45, 60, 75)  # years at which a band begins; the first is open below, the last above
CELL = " | "  # between age band, sex and site in the names of the card's `lesions_by_patient`
# Fitzpatrick's scale is not recorded in HAM10000; its patients came from Austria and Australia, and were fair-skinned
NEVER_MEASURED = ("skin types V and VI",)


@dataclass(frozen=True, slots=True)
class KnownGround:
    """Counts of test lesions: all of them, and those like the patient's.

    `age`, `sex` and `site` are None where that was not given, or is not known of the test lesions; 0 says that
    there was none. `age_band` says what `age` counts, in words (``60 to 74``). `together` counts the lesions that
    agree in everything that was given; None where nothing was, or where the card has no such table.
    """

    lesions: int
    age_band: str | None
    age: int | None
    sex: int | None
    site: int | None
    together: int | None


def known_ground(card: Card, age: float | None, sex: str | None, site: str | None) -> KnownGround | None:
    """Look up the patient on the card of a classifier; None if it has no held-out measurement.

    `age` is in years; `sex` and `site` are in the words of HAM10000, which are those of the upload form.
    """
    if card.held_out("accuracy") is None:
        return None
    found = card.metrics[str(card.training.get("split"))]
    band = None if age is None else age_band(age)
    groups: Mapping[str, Any] = found.get("subgroups", {})
    return KnownGround(
        lesions=int(found["lesions"]),
        age_band=band,
        age=_count(groups.get("age"), band),
        sex=_count(groups.get("sex"), sex),
        site=_count(groups.get("site"), site),
        together=_together(found.get("lesions_by_patient"), (band, sex, site)),
    )


def age_band(years: float | None) -> str:
    """Return the band of an age in years, in words; ``unknown`` for None."""
    if years is None:
        return UNKNOWN
    if years < AGES[0]:
        return f"under {AGES[0]}"
    for begin, end in pairwise(AGES):
        if years < end:
            return f"{begin} to {end - 1}"
    return f"{AGES[-1]} and over"


def _count(groups: Mapping[str, Any] | None, group: str | None) -> int | None:
    if group is None or groups is None:
        return None
    return int(groups[group]["lesions"]) if group in groups else 0


def _together(cells: Mapping[str, int] | None, patient: tuple[str | None, ...]) -> int | None:
    if not cells or not any(patient):
        return None
    return sum(count for cell, count in cells.items() if _agrees(cell, patient))


def _agrees(cell: str, patient: tuple[str | None, ...]) -> bool:
    return all(wanted in (None, known) for wanted, known in zip(patient, cell.split(CELL), strict=True))
