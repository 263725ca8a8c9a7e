"""Proof that two engines answer alike: the same pictures, and the largest difference of any number they answer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.engines.base import Engine, EngineError
from models.preprocessing import scale

MOST = 5e-5  # difference from what LiteRT answers, as a share of the largest number of that output, or of 1
PICTURES = 2


def smooth_noise(px: int, count: int) -> npt.NDArray[np.uint8]:
    """Return squares (count, px, px, 3) of coarse noise, always the same."""
    cells = -(-px // 8)
    coarse = np.random.default_rng(0).integers(0, 256, (count, cells, cells, 3), dtype=np.uint8)
    squares: npt.NDArray[np.uint8] = coarse.repeat(8, axis=1).repeat(8, axis=2)[:, :px, :px]
    return squares


def pictures(px: int, scaling: str) -> npt.NDArray[np.float32]:
    """Return the scaled pictures (n, px, px, 3) that engines are compared on."""
    scaled: npt.NDArray[np.float32] = scale(smooth_noise(px, PICTURES).astype(np.float32), scaling).astype(np.float32)
    return scaled


def require_alike(reference: Engine, other: Engine, images: npt.NDArray[np.float32]) -> None:
    """Raise EngineError unless an engine answers what the reference does, to `MOST`; large numbers are rounded more."""
    for image in images:
        expected, found = reference.run(image[np.newaxis]), other.run(image[np.newaxis])
        if expected.keys() != found.keys():
            raise EngineError(f"{other.name} has other outputs")
        worst = np.max([np.abs(of - found[name]).max() / max(1.0, np.abs(of).max()) for name, of in expected.items()])
        if not worst <= MOST:  # NaN is no answer
            raise EngineError(f"{other.name} answers otherwise than {reference.name}, by {worst:.2g}")
