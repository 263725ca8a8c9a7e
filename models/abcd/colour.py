"""Colours of a lesion: how far they lie apart, and which of the six of the ABCD rule there are."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from models.outline import COLOURS

Flags = npt.NDArray[np.bool_]
Lab = npt.NDArray[np.float64]
Levels = npt.NDArray[np.float64]
Steps = list[tuple[int, int]]  # down, across
Pixels = npt.NDArray[np.uint8]

# sRGB to XYZ (IEC 61966-2-1), over the white of D65
TO_XYZ = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
WHITE = np.array([0.9505, 1.0, 1.0890])
KNEE = (6 / 29) ** 3
# The rule names its colours and gives no coordinates: these are ours, in sRGB, and so is the least share.
NAMED = np.array(
    [[236, 214, 206], [188, 84, 84], [176, 122, 88], [98, 58, 44], [104, 108, 124], [38, 30, 30]], dtype=np.uint8
)
LEAST_SHARE = 0.05  # of the lesion that a colour fills to count as present

REACH = 6  # places that a line spans either way; hairs that it finds are thinner than the line is long
NEIGHBOURS: Steps = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
ANGLES = [math.pi * k / 8 for k in range(8)]
LINES: list[Steps] = [
    [(round(i * math.sin(a)), round(i * math.cos(a))) for i in range(-REACH, REACH + 1)] for a in ANGLES
]
HAIR = 10.0  # how much darker than what lies beside it a hair is, in CIELAB lightness


def to_lab(pixels: Pixels) -> Lab:
    """Return CIELAB (CIE 15) of sRGB values (..., 3): lightness from 0 to 100, and the two colour axes."""
    levels = pixels / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - IEC's
    ratio = linear @ TO_XYZ.T / WHITE
    x, y, z = np.moveaxis(np.where(ratio > KNEE, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def spread(colours: Lab) -> float:
    """Return the root mean square distance in CIELAB of colours (n, 3) from their mean; 0 for a single colour.

    Nothing about where they lie. Light and camera change it.
    """
    return float(np.sqrt(((colours - colours.mean(axis=0)) ** 2).sum(axis=1).mean()))


def present(colours: Lab, skin: Lab) -> tuple[str, ...]:
    """Return which of `COLOURS` fill at least 5 % each of a lesion's colours (n, 3), by the nearest in CIELAB.

    White counts only where it is lighter than the skin around, (m, 3), as the rule wants it. Light and camera change
    what is found.
    """
    named = to_lab(NAMED)
    nearest = ((colours[:, None] - named[None]) ** 2).sum(axis=2).argmin(axis=1)
    if len(skin):
        white = COLOURS.index("white")
        pale = (nearest == white) & (colours[:, 0] <= np.median(skin[:, 0]))
        others = ((colours[pale][:, None] - named[None, white + 1 :]) ** 2).sum(axis=2).argmin(axis=1) + white + 1
        nearest[pale] = others
    shares = np.bincount(nearest, minlength=len(COLOURS)) / max(len(colours), 1)
    return tuple(name for name, share in zip(COLOURS, shares, strict=True) if share >= LEAST_SHARE)


def hairs(lightness: Levels) -> Flags:
    """Return where a square (px, px) of CIELAB lightness shows dark hairs.

    Closing along a line fills what is dark and shorter than it: a hair is filled across and not along itself, a dot
    is filled every way and pigment no way. The idea is that of DullRazor (Lee et al., Computers in Biology and
    Medicine 27, 1997); here nothing is painted over, and what is found only doesn't count.
    """
    thick = np.min(_shifted(lightness, NEIGHBOURS), axis=0)  # so that a slanting hair has no gaps
    filled = np.stack([_closed(thick, line) for line in LINES])
    across = filled.max(axis=0)
    found: Flags = (across - filled.min(axis=0) > HAIR) & (across - lightness > HAIR)
    return found


def grown(flags: Flags) -> Flags:
    """Return a mask (h, w) that is larger by a place on every side."""
    padded = np.pad(flags, 1)
    height, width = flags.shape
    larger = np.zeros_like(flags)
    for down in range(3):
        for across in range(3):
            larger |= padded[down : down + height, across : across + width]
    return larger


def _closed(levels: Levels, line: Steps) -> Levels:
    """Close grey levels by a line: the largest along it, then the smallest of these."""
    highest = np.max(_shifted(levels, line), axis=0)
    lowest: Levels = np.min(_shifted(highest, line), axis=0)
    return lowest


def _shifted(levels: Levels, steps: Steps) -> list[Levels]:
    padded = np.pad(levels, REACH, mode="edge")
    height, width = levels.shape
    return [padded[d + REACH : d + REACH + height, a + REACH : a + REACH + width] for d, a in steps]
