"""Re-estimate the statistics of batch norm, which lag behind or belong to another picture size."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from models.preprocessing import scale


def recalibrate(network: keras.Model, pixels: npt.NDArray[np.uint8], scaling: str, batch: int = 64) -> None:
    """Set the moving statistics of every batch norm to plain means over `pixels` (n, px, px, 3)."""
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    for i, start in enumerate(range(0, len(pixels), batch)):
        for norm in norms:
            norm.momentum = i / (i + 1)
        network(scale(pixels[start : start + batch].astype(np.float32), scaling), training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
