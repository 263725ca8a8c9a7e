"""How far two outlines of one lesion agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.abcd import shape
from models.abcd.contour import Floats, contours, evenly

Flags = npt.NDArray[np.bool_]

FINE = 512  # points of an outline that distances are taken to: closer together than the eye can tell
FAILED = 0.65  # Jaccard index below which an outline counts as wrong: the limit of the ISIC 2018 challenge, task 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """Overlap of two regions, in [0, 1], and how far apart their edges lie, in shares of the experts' diameter.

    `edge` is the mean distance of a point of one edge from the other edge, both ways; `worst` the 95th percentile.
    """

    jaccard: float
    dice: float
    edge: float
    worst: float


NONE = Agreement(0.0, 0.0, 1.0, 1.0)  # where nothing was found


def agreement(found: Floats | None, drawn: Flags) -> Agreement:
    """Compare a polygon (n, 2), in places of the experts' mask (px, px), with that mask."""
    if found is None:
        return NONE
    region = shape.filled(found, *drawn.shape)
    common, both = int((region & drawn).sum()), int(region.sum() + drawn.sum())
    edge = expert_outline(drawn)
    far = _distances(evenly(found, FINE), evenly(edge, FINE)) / shape.diameter(edge)
    return Agreement(
        jaccard=common / max(both - common, 1),
        dice=2 * common / max(both, 1),
        edge=float(far.mean()),
        worst=float(np.percentile(far, 95)),
    )


def expert_outline(drawn: Flags) -> Floats:
    """Return the edge of the largest region of an experts' mask (px, px), as a polygon.

    The mask has steps of whole places: it is smoothed over three, so that its edge is no longer than it should be.
    """
    padded = np.pad(drawn.astype(np.float32), 1, mode="edge")
    height, width = drawn.shape
    smooth = np.mean([padded[d : d + height, a : a + width] for d in range(3) for a in range(3)], axis=0)
    return evenly(contours(smooth)[0])


def _distances(one: Floats, other: Floats) -> Floats:
    """Return how far each point of either outline lies from the nearest of the other one, (n + m,)."""
    apart = np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1))
    nearest: Floats = np.concatenate([apart.min(axis=1), apart.min(axis=0)])
    return nearest
