"""Is the picture good enough to be judged? Sharpness, exposure and contrast of the framed square."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# codes that a prediction's `reasons` may hold, and the sentence a clinician reads
REASONS = MappingProxyType(
    {
        "blurred": "The photograph looks blurred.",
        "dark": "The photograph is too dark.",
        "overexposed": "Parts of the photograph are overexposed.",
        "low_contrast": "The photograph has very little contrast.",
        "unfamiliar": "The picture is unlike the lesion photographs that the classifier has learned from.",
    }
)

REFUSED = "unfamiliar"  # the one reason for which a picture is not accepted; the others are warnings

QUALITY_PX = 224  # the measures below are taken at this size
# Limits from 700 training photographs of HAM10000: fewer than 3 in 1,000 lie beyond any of them, while all of 300
# that a Gaussian of 3 px had blurred lie below the first.
LEAST_SHARPNESS = 3.5  # variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), grey levels squared
LEAST_BRIGHTNESS = 60.0  # mean grey level
BURNT_LEVEL = 250  # a pixel with all channels at this level or above is burnt
MOST_BURNT = 0.05  # share of burnt pixels
LEAST_RANGE = 30.0  # grey levels between the 1st and the 99th percentile


def quality_warnings(pixels: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the codes of what is wrong with a square (224, 224, 3), the gravest first; empty if nothing is."""
    import numpy as np  # noqa: PLC0415 - the table above is read by programs that start without NumPy

    colours = pixels.astype(np.float32)
    grey = colours @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    middle = grey[1:-1, 1:-1]
    laplacian = 4 * middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    low, high = np.percentile(grey, (1, 99))
    found = {
        "dark": grey.mean() < LEAST_BRIGHTNESS,
        "overexposed": (pixels.min(axis=2) >= BURNT_LEVEL).mean() > MOST_BURNT,
        "low_contrast": high - low < LEAST_RANGE,
        "blurred": laplacian.var() < LEAST_SHARPNESS,
    }
    return tuple(code for code, wrong in found.items() if wrong)
