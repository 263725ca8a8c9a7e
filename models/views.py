"""The eight views of a photograph: a lesion has no left and right, no up and down, and no one right exposure."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.preprocessing import under_light

DIMMED = 0.94  # of the light


class View(NamedTuple):
    """What is done to a batch of squares (n, px, px, 3): rows and columns swapped, axes mirrored, light taken away."""

    swapped: bool
    mirrored: tuple[int, ...]
    light: float

    def of(self, squares: Any, scaling: str, ops: Any = np) -> Any:
        """Return scaled squares in this view; `ops` is NumPy, or `keras.ops` for tensors."""
        turned = ops.transpose(squares, (0, 2, 1, 3)) if self.swapped else squares
        mirrored = ops.flip(turned, self.mirrored) if self.mirrored else turned
        return under_light(mirrored, self.light, scaling) if self.light < 1 else mirrored

    def undone(self, maps: Any, ops: Any = np) -> Any:
        """Return maps (n, h, w, c) of squares in this view as maps of the squares themselves."""
        upright = ops.flip(maps, self.mirrored) if self.mirrored else maps
        return ops.transpose(upright, (0, 2, 1, 3)) if self.swapped else upright


# The square and its mirror images, then those of the square turned by 90 degrees and 6 % darker. A network that sees n
# views sees the first n.
VIEWS = tuple(
    View(swapped, axes, light) for swapped, light in ((False, 1.0), (True, DIMMED)) for axes in ((), (2,), (1,), (1, 2))
)

# A quarter of all symmetries of the square, with the half turn, and the rest: which views each of two networks sees.
# Mirroring the square swaps them, so a mirrored lesion is answered nearly alike (docs/decisions/0013).
HALVES = ((0, 3, 4, 7), (1, 2, 5, 6))


def shares(views: int, members: int) -> tuple[tuple[int, ...], ...]:
    """Return which of the first so many of `VIEWS` each member of a classifier sees, as their indices.

    One member sees all. Two see half each; ValueError if there are more, or a single view.
    """
    if members == 1:
        return (tuple(range(views)),)
    if members != len(HALVES) or views not in (4, 8):
        raise ValueError(f"{members} networks can't share {views} views: two can share 4 or 8")
    return tuple(tuple(i for i in half if i < views) for half in HALVES)


def further_views(square: npt.NDArray[np.uint8], seen: int) -> npt.NDArray[np.uint8]:
    """Return what a network must still be shown to have answered for eight views of a square (px, px, 3).

    `seen` says how many of `VIEWS` the network makes by itself of what it is shown: of 8, none is left; of 4, the
    square turned; of 1, the seven others. The answer has shape (n, px, px, 3).
    """
    batch = square[np.newaxis]
    views = [view.of(batch, "raw").round().astype(np.uint8) for view in VIEWS[seen :: max(1, seen)]]
    return np.concatenate(views) if views else batch[:0]
