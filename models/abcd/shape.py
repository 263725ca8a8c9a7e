"""Measures of a polygon (n, 2): none depends on where it lies or how it is turned or mirrored."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from models.abcd.contour import Floats, signed_area

GRID = 512  # places a side in which a shape is drawn to be folded
ANGLES = 720  # directions from its middle, and RINGS distances, at which it is looked at
RINGS = 128


def area(points: Floats) -> float:
    """Return the area, in units of the points squared: the shoelace formula."""
    return abs(signed_area(points))


def perimeter(points: Floats) -> float:
    """Return the length of the edge, in units of the points."""
    return float(np.hypot(*(np.roll(points, -1, axis=0) - points).T).sum())


def diameter(points: Floats) -> float:
    """Return the largest distance between two points of the edge, in their units: the maximum Feret diameter."""
    corners = hull(points)
    return float(np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1)).max())


def irregularity(points: Floats) -> float:
    """Return P^2 / (4 pi A): 1 for a circle, more for any other shape; unitless, whatever the size.

    The compactness index of Golston et al. (Computerized Medical Imaging and Graphics 16, 1992), by the isoperimetric
    inequality. A stretched outline counts as well as a jagged one: an ellipse twice as long as wide has 1.19.
    """
    return perimeter(points) ** 2 / (4 * np.pi * area(points))


def notching(points: Floats) -> float:
    """Return 1 - A / A(convex hull), in [0, 1): how much is missing from a shape without notches; whatever the size."""
    return max(0.0, 1 - area(points) / area(hull(points)))


def asymmetry(points: Floats) -> float:
    """Return the share of the area, in [0, 1], that has no counterpart beyond an axis; 0 if the halves are congruent.

    The shape is folded about two axes through its centre of area, at right angles, "positioned to produce the lowest
    possible asymmetry" (Nachbar et al. 1994), and the shares are averaged. That of one axis is the non-overlapping area
    of Stoecker et al. (Computerized Medical Imaging and Graphics 16, 1992). Shape alone is folded, not colour or
    structure. Whatever the size.
    """
    seen = _from_the_middle(points)
    turns = np.fft.rfft(seen, axis=1)
    ring = np.arange(RINGS) + 0.5  # a ring counts by its length
    # folding about the axis at angle a takes direction t to 2a - t: a circular convolution of each ring with itself
    common = ring @ np.fft.irfft(turns * turns, n=ANGLES, axis=1)
    alone = 1 - common / (ring @ seen.sum(axis=1))
    return float(np.clip((alone + np.roll(alone, ANGLES // 2)) / 2, 0, 1).min())


def centre(points: Floats) -> Floats:
    """Return the centre of area, (2,)."""
    following = np.roll(points, -1, axis=0)
    cross = points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]
    middle: Floats = ((points + following) * cross[:, None]).sum(axis=0) / (3 * cross.sum())
    return middle


def hull(points: Floats) -> Floats:
    """Return the corners of the convex hull, (m, 2), in order: Andrew's monotone chain (1979)."""
    ordered = sorted(map(tuple, points.tolist()))
    return np.array([*_half(ordered), *_half(ordered[::-1])])


def filled(points: Floats, height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return which places (height, width) lie inside; the points are in places, as `contours` gives them."""
    drawn = Image.new("1", (width, height))
    ImageDraw.Draw(drawn).polygon([(x - 0.5, y - 0.5) for x, y in points.tolist()], fill=1)
    return np.asarray(drawn, dtype=np.bool_)


def _half(ordered: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    chain: list[tuple[float, ...]] = []
    for point in ordered:
        while len(chain) > 1 and _turns_back(chain[-2], chain[-1], point):
            chain.pop()
        chain.append(point)
    return chain[:-1]


def _turns_back(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0


def _from_the_middle(points: Floats) -> Floats:
    """Return 1 where a shape is, 0 elsewhere, by distance from its middle and direction: (RINGS, ANGLES)."""
    about = points - centre(points)
    about *= (GRID / 2 - 2) / np.hypot(*about.T).max()
    grid = filled(about + GRID / 2, GRID, GRID)
    reach = (np.arange(RINGS) + 0.5)[:, None] * (GRID / 2 / RINGS)
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    down = np.floor(reach * np.sin(angle) + GRID / 2).astype(np.int64)
    across = np.floor(reach * np.cos(angle) + GRID / 2).astype(np.int64)
    seen: Floats = grid[down, across].astype(np.float64)
    return seen
