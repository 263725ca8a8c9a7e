"""Curves of a card as drawings: points in a square of 300 units, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.classifiers.grid import Cell, Grid
from app.classifiers.wording import aim, share

SIDE = 300  # units; the templates draw axes and words around it
FEWEST = 10  # photographs from which the share that was right says something


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a drawing, with its name."""

    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of confidence: a point, and how high its column is drawn, in [0, 1] of the fullest.

    A bin of `few` photographs is drawn by itself, beside the line.
    """

    x: float
    y: float
    share: float
    few: bool


@dataclass(frozen=True, slots=True)
class Roc:
    """The curve of malignancy as an SVG polyline, the operating points on it, and the numbers."""

    line: str
    marks: tuple[Mark, ...]
    table: Grid


@dataclass(frozen=True, slots=True)
class Reliability:
    """Accuracy over confidence as an SVG polyline, its points, and the numbers."""

    line: str
    bins: tuple[Bin, ...]
    table: Grid


def roc(found: Mapping[str, Any]) -> Roc | None:
    """Draw the curve that the figures on a split hold; None if they hold none."""
    points = (found.get("curves") or {}).get("roc_malignant")
    if not points:
        return None
    rows = tuple((Cell(share(1 - x)), Cell(share(y))) for x, y in points)
    return Roc(_line(points), tuple(_marks(found)), Grid("ROC curve", ("Specificity", "Sensitivity"), rows))


def reliability(found: Mapping[str, Any]) -> Reliability | None:
    """Draw the bins that the figures on a split hold; None if they hold none."""
    bins = [(x, y, n) for x, y, n in (found.get("curves") or {}).get("reliability") or () if n]
    if not bins:
        return None
    most = max(n for _, _, n in bins)
    rows = tuple((Cell(share(x)), Cell(share(y)), Cell(f"{n:,}")) for x, y, n in bins)
    columns = ("Confidence, mean", "Right", "Photographs")
    return Reliability(
        _line([(x, y) for x, y, n in bins if n >= FEWEST]),
        tuple(Bin(_across(x), _down(y), n / most, few=n < FEWEST) for x, y, n in bins),
        Grid("Reliability", columns, rows),
    )


def _marks(found: Mapping[str, Any]) -> list[Mark]:
    """Return the operating points that have both coordinates."""
    marks = []
    for name, point in (found.get("operating_points") or {}).items():
        sensitivity, specificity = point.get("sensitivity"), point.get("specificity")
        if sensitivity and specificity:
            marks.append(Mark(_across(1 - specificity["value"]), _down(sensitivity["value"]), aim(name)))
    return marks


def _line(points: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{_across(x)},{_down(y)}" for x, y in points)


def _across(value: float) -> float:
    return round(value * SIDE, 1)


def _down(value: float) -> float:
    return round((1 - value) * SIDE, 1)
