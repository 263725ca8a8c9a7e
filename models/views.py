"""The eight views of a photograph: the same lesion mirrored, turned, and in slightly weaker light."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# axes along which each view of a batch (n, h, w, c) is mirrored
MIRRORINGS: tuple[tuple[int, ...], ...] = ((), (2,), (1,), (1, 2))
VIEWS = 2 * len(MIRRORINGS)  # upright and turned
DIMMED = 0.94  # of the light


def further_views(square: npt.NDArray[np.uint8], mirrored: int) -> npt.NDArray[np.uint8]:
    """Return what a network must still be shown to have seen all eight views of a square (px, px, 3).

    Four views are the square and its mirror images, four the same of the square turned by 90 degrees and 6 %
    darker. `mirrored` says how many of `MIRRORINGS` the network makes by itself of whatever it is shown, 4 or 1;
    the answer has shape (1, px, px, 3) or (7, px, px, 3).
    """
    dimmed = (np.rot90(square) * DIMMED).round().astype(np.uint8)
    left = MIRRORINGS if mirrored == 1 else MIRRORINGS[:1]
    views = [np.flip(picture[np.newaxis], axes) for picture in (square, dimmed) for axes in left]
    return np.concatenate(views[1:])
