"""How many pixels of a kept photograph a millimetre has."""

from __future__ import annotations

from math import hypot

from app.results.outlines.tables import Scale
from app.results.tables import Analysis

Point = tuple[float, float]  # fractions of the photograph's width and height


def length_px(analysis: Analysis, start: Point, end: Point) -> float:
    """Return the distance of two points in pixels of the kept photograph."""
    return hypot((end[0] - start[0]) * analysis.width, (end[1] - start[1]) * analysis.height)


def px_per_mm(analysis: Analysis, scale: Scale | None) -> float | None:
    """Return the pixels of the kept photograph to a millimetre; None without a scale, or if it was taken away."""
    if scale is None or None in (scale.start_x, scale.start_y, scale.end_x, scale.end_y) or not scale.millimetres:
        return None
    start, end = (scale.start_x or 0.0, scale.start_y or 0.0), (scale.end_x or 0.0, scale.end_y or 0.0)
    return length_px(analysis, start, end) / scale.millimetres
