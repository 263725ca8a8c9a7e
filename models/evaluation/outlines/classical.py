"""The floor: a lesion outlined without a network, by a threshold on one colour channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from models.abcd import colour
from models.abcd.contour import Floats
from models.segmentation.belief import Found, find

Pixels = npt.NDArray[np.uint8]

BLUR = 3  # standard deviation in places, so that hairs and texture matter less
LEVELS = 256

# every channel is darker on a lesion
CHANNELS: Mapping[str, Callable[[Pixels], Floats]] = MappingProxyType(
    {
        "red": lambda pixels: pixels[..., 0].astype(np.float64),
        "green": lambda pixels: pixels[..., 1].astype(np.float64),
        "blue": lambda pixels: pixels[..., 2].astype(np.float64),
        "lightness": lambda pixels: colour.to_lab(pixels)[..., 0],
    }
)


def classical(pixels: Pixels, channel: str) -> Found | None:
    """Outline what is dark in a square (px, px, 3): the channel blurred, Otsu's threshold, the largest region."""
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR)))
    levels = CHANNELS[channel](blurred)
    return find((levels <= otsu(levels)).astype(np.float32))


def otsu(levels: Floats) -> float:
    """Return the threshold with the greatest variance between its sides (Otsu, IEEE Trans. SMC 9, 1979)."""
    counts, edges = np.histogram(levels, LEVELS)
    middle = (edges[:-1] + edges[1:]) / 2
    below = counts.cumsum()
    total, sums = below[-1], (counts * middle).cumsum()
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (sums[-1] * below - sums * total) ** 2 / (below * (total - below))
    return float(edges[1:][np.nan_to_num(between).argmax()])
