"""How many pixels of a kept photograph a millimetre has."""

from __future__ import annotations

from math import hypot

from app.results.outlines.tables import Scale
from app.results.tables import Analysis

Point = tuple[float, float]  # fractions of the photograph's width and height

# Dermatoscopes see a field of some 10 to 30 mm; what a square of less or more would be is worth a second look.
LEAST_SIDE_MM, MOST_SIDE_MM = 4.0, 60.0
READING_PX = 1.5  # by how much each end of a line may be off, in pixels of the kept photograph


def length_px(analysis: Analysis, start: Point, end: Point) -> float:
    """Return the distance of two points in pixels of the kept photograph."""
    return hypot((end[0] - start[0]) * analysis.width, (end[1] - start[1]) * analysis.height)


def px_per_mm(analysis: Analysis, scale: Scale | None) -> float | None:
    """Return the pixels of the kept photograph to a millimetre; None without a scale, or if it was taken away."""
    if scale is None or None in (scale.start_x, scale.start_y, scale.end_x, scale.end_y) or not scale.millimetres:
        return None
    start, end = (scale.start_x or 0.0, scale.start_y or 0.0), (scale.end_x or 0.0, scale.end_y or 0.0)
    return length_px(analysis, start, end) / scale.millimetres


def reading_error(analysis: Analysis, scale: Scale) -> float:
    """Return by what share the length of a line may be off, for both its ends were set by hand."""
    start, end = (scale.start_x or 0.0, scale.start_y or 0.0), (scale.end_x or 0.0, scale.end_y or 0.0)
    return 2 * READING_PX / length_px(analysis, start, end)


def doubt(analysis: Analysis, px_per_mm: float) -> str:
    """Say if a scale would make the photograph smaller or larger than a dermatoscope sees; else nothing."""
    side = max(analysis.width, analysis.height) / px_per_mm
    if LEAST_SIDE_MM <= side <= MOST_SIDE_MM:
        return ""
    return (
        f"By this scale the longer side of the photograph is {side:,.3g} mm. Dermoscopic photographs mostly show "
        "10 to 30 mm: please check the length and both ends."
    )
