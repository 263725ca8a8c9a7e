"""Measure a network in training on photographs that it does not learn from."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from models.architectures.base import class_logits
from models.preprocessing import scale


def scores(
    logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], shift: npt.NDArray[np.float32]
) -> dict[str, float]:
    """Return accuracy with the prior's shift of the logits (n, classes), and mean recall without it."""
    recalls = [np.mean(logits[labels == c].argmax(1) == c) for c in np.unique(labels)]
    return {
        "validation_accuracy": float(np.mean((logits + shift).argmax(1) == labels)),
        "validation_balanced_accuracy": float(np.mean(recalls)),
    }


def predict_logits(
    network: keras.Model, pixels: npt.NDArray[np.uint8], scaling: str, batch: int = 64
) -> npt.NDArray[np.float32]:
    """Return logits (n, classes) of squares (n, px, px, 3)."""
    parts = [
        class_logits(network.predict_on_batch(scale(pixels[start : start + batch].astype(np.float32), scaling)))
        for start in range(0, len(pixels), batch)
    ]
    return np.concatenate([np.asarray(part) for part in parts])
