"""From how sure the network is of each place to one outline, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.abcd import contour, shape
from models.abcd.contour import LEVEL, Floats

Shares = npt.NDArray[np.float32]

OPENING = 2  # places: what is thinner than twice this, such as a hair that the network followed, is cut off


@dataclass(frozen=True, slots=True)
class Limits:
    """When an outline is believed; chosen on validation photographs and kept on the card.

    `level` is the least share of certainty that counts as lesion; `least_area` of the square; `most_on_rim` the share
    of the edge that may run along the square's rim; `most_elsewhere` the area of other pieces, over that of the
    largest; `least_confidence` of the whole.
    """

    level: float = LEVEL
    least_area: float = 0.002
    most_on_rim: float = 0.1
    most_elsewhere: float = 0.2
    least_confidence: float = 0.6

    @classmethod
    def of(cls, card: Mapping[str, float]) -> Limits:
        """Return the limits that a card holds; TypeError if it holds others."""
        return cls(**card)


@dataclass(frozen=True, slots=True)
class Found:
    """What was made out: `polygon` (128, 2) in places of the square, and what `verdict` judges it by; see `Limits`."""

    polygon: Floats
    area: float
    on_rim: float
    elsewhere: float
    confidence: float


def find(shares: Shares, level: float = LEVEL) -> Found | None:
    """Return the largest region of a square of certainties (px, px), without what is as thin as a hair; None if none.

    Holes in it are filled. Its confidence is the sum of the smaller over that of the larger of certainty and region:
    the Jaccard index of the network with its own outline, 1 where it has no doubt.
    """
    loops = contour.contours(opened(shares), level)
    regions = [loop for loop in loops if contour.signed_area(loop) > 0]
    if not regions:
        return None
    px = len(shares)
    largest, *others = regions
    polygon = contour.evenly(largest)
    inside = shape.filled(polygon, px, px)
    either = np.maximum(shares, inside).sum()
    return Found(
        polygon=polygon,
        area=shape.area(polygon) / px**2,
        on_rim=on_rim(polygon, px),
        elsewhere=sum(map(shape.area, others)) / shape.area(largest),
        confidence=float((shares * inside).sum() / either) if either else 0.0,
    )


def verdict(found: Found | None, limits: Limits) -> str | None:
    """Return why what was made out is not believed, a code of `models.outline.REFUSALS`; None if it is."""
    if found is None:
        return "nothing"
    faults = {
        "small": found.area < limits.least_area,
        "pieces": found.elsewhere > limits.most_elsewhere,
        "beyond": found.on_rim > limits.most_on_rim,
        "unsure": found.confidence < limits.least_confidence,
    }
    return next((code for code, wrong in faults.items() if wrong), None)


def on_rim(polygon: Floats, px: int) -> float:
    """Return the share of an edge, in [0, 1], that lies within a place of the rim of its square (px, px)."""
    return float((np.minimum(polygon, px - polygon) < 1).any(axis=1).mean())


def opened(shares: Shares, reach: int = OPENING) -> Shares:
    """Return certainties (px, px) without what is narrower than a disc: the least within its reach, then the most."""
    lowest = np.min(_within(shares, reach, 1.0), axis=0)
    highest: Shares = np.max(_within(lowest, reach, 0.0), axis=0)
    return highest


def _within(shares: Shares, reach: int, beyond: float) -> list[Shares]:
    padded = np.pad(shares, reach, constant_values=beyond)
    height, width = shares.shape
    steps = range(2 * reach + 1)
    near = [(d, a) for d in steps for a in steps if np.hypot(d - reach, a - reach) <= reach + 0.5]
    return [padded[down : down + height, across : across + width] for down, across in near]
