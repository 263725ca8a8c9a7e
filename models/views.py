"""The eight views of a photograph: a lesion has no left and right, no up and down."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

DIMMED = 0.94  # of the light


class View(NamedTuple):
    """What is done to a batch of squares (n, px, px, 3): rows and columns are swapped, then axes are mirrored."""

    swapped: bool
    mirrored: tuple[int, ...]

    def of(self, squares: Any, ops: Any = np) -> Any:
        """Return the squares in this view; `ops` is NumPy, or `keras.ops` for tensors."""
        turned = ops.transpose(squares, (0, 2, 1, 3)) if self.swapped else squares
        return ops.flip(turned, self.mirrored) if self.mirrored else turned

    def undone(self, maps: Any, ops: Any = np) -> Any:
        """Return maps (n, h, w, c) of squares in this view as maps of the squares themselves."""
        upright = ops.flip(maps, self.mirrored) if self.mirrored else maps
        return ops.transpose(upright, (0, 2, 1, 3)) if self.swapped else upright


# the square and its mirror images, then those of the square turned: a network that sees n views sees the first n
VIEWS = tuple(View(swapped, axes) for swapped in (False, True) for axes in ((), (2,), (1,), (1, 2)))


def further_views(square: npt.NDArray[np.uint8], seen: int) -> npt.NDArray[np.uint8]:
    """Return what a network must still be shown to have answered for eight views of a square (px, px, 3).

    `seen` says how many of `VIEWS` the network makes by itself of what it is shown: of 8, none is left; of 4, the
    square turned; of 1, the seven others. The turned ones are 6 % darker. The answer has shape (n, px, px, 3).
    """
    batch = square[np.newaxis]
    views = [view.of(_dimmed(batch) if view.swapped else batch) for view in VIEWS[seen :: max(1, seen)]]
    return np.concatenate(views) if views else batch[:0]


def _dimmed(squares: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    dimmed: npt.NDArray[np.uint8] = (squares * DIMMED).round().astype(np.uint8)
    return dimmed
