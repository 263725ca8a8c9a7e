"""Where the network looked: class activation maps, and their picture."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float32]

# dark violet to yellow by way of magenta and orange: rises evenly in lightness, so it also reads without colour vision
STOPS = np.array(
    [
        [20, 11, 53],
        [84, 15, 109],
        [136, 34, 106],
        [186, 54, 85],
        [227, 89, 51],
        [249, 140, 10],
        [252, 255, 164],
    ],
    dtype=np.float32,
)
MOST_OPAQUE = 0.85


def normalised(class_map: Floats) -> Floats:
    """Return a class map (h, w) in [0, 1]: what speaks against the class is 0, the strongest place is 1.

    As in Selvaraju et al. (ICCV 2017): only what is in favour is shown. All zeros if nothing is.
    """
    positive = np.maximum(class_map, 0)
    strongest = positive.max()
    return positive / strongest if strongest > 0 else positive


def draw_heatmap(grid: Sequence[Sequence[float]], px: int) -> bytes:
    """Draw a map with values in [0, 1] as a PNG of (px, px): the higher, the lighter and the more opaque.

    The 256 colours that there can be, each with its opacity, are a palette: a quarter of the bytes to be packed.
    """
    coarse = Image.fromarray(np.asarray(grid, dtype=np.float32))
    fine = np.clip(np.asarray(coarse.resize((px, px), Image.Resampling.BICUBIC)), 0, 1)
    levels = (fine * 255).round().astype(np.uint8)
    positions = np.linspace(0, 1, len(STOPS))
    ramp = np.linspace(0, 1, 256)
    colours = np.stack([np.interp(ramp, positions, STOPS[:, channel]) for channel in range(3)], axis=1)
    table = np.concatenate([colours, (ramp * MOST_OPAQUE * 255)[:, np.newaxis]], axis=1).round().astype(np.uint8)
    buffer = io.BytesIO()
    picture = Image.fromarray(levels, "P")
    picture.putpalette(table.tobytes(), "RGBA")
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
