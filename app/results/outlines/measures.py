"""The measures of a lesion as pages name and write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.results.outlines.records import Measured
from app.results.outlines.wording import figure
from app.results.wording import SPACE


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its `code` is that of its noise, `value` reads it, None where it is not known.

    `meaning` says how to read the figure. What is `sized` is in millimetres and needs a scale; what is `coloured`
    depends on the light.
    """

    code: str
    name: str
    meaning: str
    value: Callable[[Measured], float | None]
    write: Callable[[float], str]
    sized: bool = False
    coloured: bool = False


def _of_outline(column: str) -> Callable[[Measured], float | None]:
    def read(measured: Measured) -> float | None:
        value: float | None = getattr(measured.outline, column, None)
        return value

    return read


def _unitless(value: float) -> str:
    return f"{value:.2f}"


MEASURES = (
    Measure(
        "diameter",
        "Largest diameter",
        "between the two points of the outline that lie farthest apart",
        lambda measured: measured.diameter_mm,
        lambda value: f"{figure(value)}{SPACE}mm",
        sized=True,
    ),
    Measure(
        "area",
        "Area",
        "inside the outline",
        lambda measured: measured.area_mm2,
        lambda value: f"{figure(value)}{SPACE}mm²",
        sized=True,
    ),
    Measure(
        "asymmetry",
        "Asymmetry of the shape",
        "share without a counterpart beyond an axis: 0 if the halves are alike",
        _of_outline("asymmetry"),
        _unitless,
    ),
    Measure(
        "irregularity",
        "Border irregularity",
        "1 for a circle, more for a stretched or jagged outline",
        _of_outline("irregularity"),
        _unitless,
    ),
    Measure(
        "notching",
        "Notches",
        "share that the outline lacks of a shape without notches: 0 if there are none",
        _of_outline("notching"),
        _unitless,
    ),
    Measure(
        "colour_spread",
        "Colour variegation",
        "how far its colours lie apart in CIELAB: 0 for one colour",
        _of_outline("colour_spread"),
        lambda value: f"{value:.1f}",
        coloured=True,
    ),
)


def colours_of(measured: Measured) -> tuple[str, ...]:
    """Return which colours of the ABCD rule were found in a lesion; none without an outline."""
    return () if measured.outline is None else tuple(measured.outline.colours or ())
