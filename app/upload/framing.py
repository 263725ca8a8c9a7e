"""The square of the photograph that the network sees, from the fractions that the page sends."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import RefusedUploadError
from app.inference import Frame

SHORTEST_SIDE = 32  # pixels of the kept photograph
ROUNDING = 0.01  # how far beyond the picture's edge, as a fraction, is put down to rounding
OUTSIDE = "The square does not lie inside the photograph; please set it again."
TOO_SMALL = "The square is too small for the lesion to be judged; please make it larger."


@dataclass(frozen=True, slots=True)
class Fractions:
    """A square as the page gives it: `left` of the width, `top` of the height, `side` of the shorter side."""

    left: float
    top: float
    side: float


def framed(width: int, height: int, fractions: Fractions | None) -> Frame:
    """Return the square in pixels, without fractions the centred one; RefusedUploadError if it is outside."""
    if fractions is None:
        return Frame.centred(width, height)
    side = round(fractions.side * min(width, height))
    if side < SHORTEST_SIDE:
        raise RefusedUploadError(TOO_SMALL)
    return Frame(_placed(fractions.left, width, side), _placed(fractions.top, height, side), side)


def _placed(fraction: float, length: int, side: int) -> int:
    start = round(fraction * length)
    if start + side > length * (1 + ROUNDING):
        raise RefusedUploadError(OUTSIDE)
    return min(start, length - side)
