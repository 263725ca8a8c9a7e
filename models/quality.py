"""Is the picture good enough to be judged? Sharpness, exposure, framing and contrast of the framed square."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
        "off_centre": "The lesion seems to lie at the edge of the square that was analysed, or beyond it.",
        "low_contrast": "The photograph has very little contrast.",
        "unfamiliar": "The picture is unlike the lesion photographs that the classifier has learned from.",
    }
)

REFUSED = "unfamiliar"  # the one reason for which a picture is not accepted; the others are warnings

QUALITY_PX = 224  # the measures below are taken at this size
# The limits are those of `python -m models.evaluation.quality_thresholds`; docs/decisions/0009 has the figures.
LEAST_SHARPNESS = 6.0  # variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), grey levels squared
LEAST_BRIGHTNESS = 75.0  # mean grey level
BURNT_LEVEL = 250  # a pixel with all channels at this level or above is burnt
MOST_BURNT = 0.02  # share of burnt pixels
FARTHEST = 0.55  # distance of the dark middle from that of the square, in halves of its side
LEAST_RANGE = 30.0  # grey levels between the 1st and the 99th percentile
# what a page measures before sending, by the same limits: static/js/photograph-quality.js
BEFORE_SENDING = MappingProxyType(
    {"brightness": LEAST_BRIGHTNESS, "burnt": MOST_BURNT, "burnt-level": BURNT_LEVEL, "sharpness": LEAST_SHARPNESS}
)

COARSE = 4  # pixels a side that are averaged before the lesion is looked for: hairs vanish
SKIN = 75  # percentile of the grey levels that is taken for that of the skin


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a square; each in the unit of its limit above."""

    sharpness: float
    brightness: float
    burnt: float
    distance: float
    range: float


def measure(pixels: npt.NDArray[np.uint8]) -> Measures:
    """Measure a square (224, 224, 3)."""
    import numpy as np  # noqa: PLC0415 - the table above is read by programs that start without NumPy

    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    middle = grey[1:-1, 1:-1]
    laplacian = 4 * middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    low, high = np.percentile(grey, (1, 99))
    darkest = np.minimum(
        np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2]
    )  # quicker than along an axis of three
    return Measures(
        sharpness=float(laplacian.var()),
        brightness=float(grey.mean()),
        burnt=float((darkest >= BURNT_LEVEL).mean()),
        distance=_distance(grey),
        range=float(high - low),
    )


def quality_warnings(pixels: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the codes of what is wrong with a square (224, 224, 3), the gravest first; empty if nothing is."""
    return faults(measure(pixels))


def faults(measured: Measures) -> tuple[str, ...]:
    """Return the codes of the limits that are passed."""
    found = {
        "dark": measured.brightness < LEAST_BRIGHTNESS,
        "overexposed": measured.burnt > MOST_BURNT,
        "low_contrast": measured.range < LEAST_RANGE,
        "blurred": measured.sharpness < LEAST_SHARPNESS,
        "off_centre": measured.distance > FARTHEST,
    }
    return tuple(code for code, wrong in found.items() if wrong)


def _distance(grey: npt.NDArray[np.float32]) -> float:
    """Return how far from the middle the centre of what is darker than skin lies: 0 to 1, 1 at the edge.

    What is much darker counts by the square of the difference; the corners, dark in many dermoscopes, don't count.
    """
    import numpy as np  # noqa: PLC0415 - as above

    side = len(grey) // COARSE
    coarse = grey.reshape(side, COARSE, side, COARSE).mean(axis=(1, 3))
    down, across, inside = _circle(side)
    weight = np.clip(np.percentile(coarse[inside], SKIN) - coarse, 0, None) ** 2 * inside
    total = weight.sum()
    return float(np.hypot((weight * down).sum(), (weight * across).sum()) / total) if total else 0.0


@lru_cache(maxsize=1)
def _circle(side: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return how far each place lies below and to the right of the middle, in halves of a side, and if in the circle.

    Each is (side, side).
    """
    import numpy as np  # noqa: PLC0415 - as above

    down, across = (np.mgrid[0:side, 0:side] - (side - 1) / 2) / (side / 2)
    return down, across, np.hypot(down, across) <= 1
