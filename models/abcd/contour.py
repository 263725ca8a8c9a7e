"""The edge of a region as a polygon: marching squares (Lorensen and Cline, SIGGRAPH 1987, in two dimensions).

An edge that is interpolated between places is longer than the true one by a fraction of a per cent; the edge of
pixels, or a count of them, is wrong by up to 27 % and changes with the angle.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEVEL = 0.5
POINTS = 128  # that an outline is drawn with, whatever its size

Floats = npt.NDArray[np.float64]
Field = npt.NDArray[np.float32]
CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))  # of a cell, clockwise: down, across


def contours(field: Field, level: float = LEVEL) -> list[Floats]:
    """Return every closed edge of where `field` (h, w) is above `level`, which is positive; the largest area first.

    Points (n, 2) are x and y in places, (0.5, 0.5) in the middle of the first one; edges around a region turn
    clockwise as seen (positive area), those around a hole the other way. Beyond the field it is 0.
    """
    padded = np.pad(field.astype(np.float64), 1)
    follows = _steps(padded > level, padded.shape[1])
    loops = []
    while follows:
        first, after = follows.popitem()
        loop = [first]
        while after != first:
            loop.append(after)
            after = follows.pop(after)
        loops.append(_crossings(padded, np.array(loop), level) - 0.5)
    return sorted(loops, key=lambda points: -abs(signed_area(points)))


def signed_area(points: Floats) -> float:
    """Return the area inside a polygon (n, 2), negative if it turns anticlockwise as seen: the shoelace formula."""
    x, y = points.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def evenly(points: Floats, count: int = POINTS) -> Floats:
    """Return a closed polygon with `count` points at equal distances along the edge of another one.

    So the outlines of large and small lesions have equally fine detail, and their lengths can be compared.
    """
    closed = np.vstack([points, points[:1]])
    along = np.concatenate([[0.0], np.hypot(*np.diff(closed, axis=0).T).cumsum()])
    wanted = np.arange(count) * along[-1] / count
    return np.stack([np.interp(wanted, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _steps(inside: npt.NDArray[np.bool_], width: int) -> dict[int, int]:
    """Return which crossing follows which; a crossing is twice the place that it starts from, plus 1 if it is down.

    Clockwise around a cell, the edge leaves where the inside ends and comes back where it begins again.
    """
    height = len(inside)
    corner = [inside[down : height - 1 + down, across : width - 1 + across] for down, across in CORNERS]
    place = np.arange(height * width).reshape(height, width)[: height - 1, : width - 1]
    side = [2 * place, 2 * (place + 1) + 1, 2 * (place + width), 2 * place + 1]
    ends = [corner[k] & ~corner[k - 3] for k in range(4)]
    begins = [~corner[k] & corner[k - 3] for k in range(4)]
    follows: dict[int, int] = {}
    for k in range(4):
        open_ = ends[k]
        for m in (k - 3, k - 2, k - 1):
            found = open_ & begins[m]
            follows.update(zip(side[k][found].tolist(), side[m][found].tolist(), strict=True))
            open_ = open_ & ~begins[m]
    return follows


def _crossings(field: Floats, edges: npt.NDArray[np.int64], level: float) -> Floats:
    down, across = np.divmod(edges // 2, field.shape[1])
    is_down = edges % 2
    here, there = field[down, across], field[down + is_down, across + 1 - is_down]
    share = (level - here) / (there - here)
    return np.stack([across + share * (1 - is_down), down + share * is_down], axis=1)
