"""Keep the marks of close lesions apart on the body map, so that each can be pointed at."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from app.patients.records import MarkedLesion

APART = 26.0  # units of the drawing between two marks: what their circles take up, and a little air
ROUNDS = 60  # each pushes all that are too close; crowds of a dozen are apart after some thirty
TURN = math.pi * (3 - math.sqrt(5))  # the golden angle: marks of one place go into different directions


def fanned(lesions: Sequence[MarkedLesion], box: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return where to draw the marks of lesions, by public id, in the units of a figure's `box`.

    A mark that is close to no other stays at its place; whoever has no place is left out.
    """
    places: dict[str, tuple[float, float]] = {}
    for side in {lesion.side for lesion in lesions if lesion.side}:
        known = {lesion.public_id: _at(lesion, box) for lesion in lesions if lesion.side == side}
        marked = {public_id: point for public_id, point in known.items() if point is not None}
        moved = zip(marked, _apart(list(marked.values()), box), strict=True)
        places |= {public_id: (point.real, point.imag) for public_id, point in moved}
    return places


def _at(lesion: MarkedLesion, box: Mapping[str, float]) -> complex | None:
    if lesion.x is None or lesion.y is None:
        return None
    return complex(box["left"] + lesion.x * box["width"], box["top"] + lesion.y * box["height"])


def _apart(points: list[complex], box: Mapping[str, float]) -> list[complex]:
    """Push points away from each other until all are APART, or ROUNDS are over."""
    for _ in range(ROUNDS):
        close = [(i, j) for i, j in combinations(range(len(points)), 2) if abs(points[j] - points[i]) < APART]
        if not close:
            break
        for i, j in close:
            between = points[j] - points[i]
            direction = between / abs(between) if abs(between) > 1 else cmath.rect(1, TURN * j)
            push = direction * max(0.0, APART + 0.5 - abs(between)) / 2
            points[i], points[j] = _inside(points[i] - push, box), _inside(points[j] + push, box)
    return points


def _inside(point: complex, box: Mapping[str, float]) -> complex:
    x = min(max(point.real, box["left"]), box["left"] + box["width"])
    y = min(max(point.imag, box["top"]), box["top"] + box["height"])
    return complex(x, y)
