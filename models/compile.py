"""``python -m models compile``: Keras weights to the serving format, and proof that both answer alike."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.card import NETWORK, Card, read_card, sha256, write_card
from models.keras_engine import served_network
from models.preprocessing import scale
from models.serving import LiteRtClassifier

TOLERANCE = 1e-3  # largest difference of any probability
PROOFS = 8


class ParityError(RuntimeError):
    """The compiled network answers differently from the Keras network it was made of."""


def compile_network(name: str, weights: Path) -> float:
    """Write ``network.tflite`` for a classifier and put its hash on the card; return the largest difference.

    ParityError, and nothing is written, if a probability differs by 1e-3 or more on drawn squares.
    """
    folder = weights / name
    card = read_card(folder)
    served = served_network(card, folder)
    content = to_litert(served)
    difference = parity(card, served, content)
    if not difference < TOLERANCE:
        raise ParityError(f"{name}: probabilities differ by {difference:.2g}")
    (folder / NETWORK).write_bytes(content)
    write_card(folder, replace(card, files={**card.files, NETWORK: sha256(content)}))
    return difference


def to_litert(served: Any) -> bytes:
    """Convert a Keras model to a LiteRT file for one picture at a time.

    The way over a SavedModel is the one that keeps the variables.
    """
    import keras  # noqa: PLC0415 - development only
    import tensorflow as tf  # noqa: PLC0415 - as slow to import

    one = keras.Input((*served.input_shape[1:],), batch_size=1, name="image")
    fixed = keras.Model(one, served(one))
    with tempfile.TemporaryDirectory() as folder:
        fixed.export(folder, format="tf_saved_model", verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def parity(card: Card, served: Any, content: bytes) -> float:
    """Return the largest difference of any probability between both engines, on squares of smooth noise."""
    compiled = LiteRtClassifier(card, content, None, threads=2)
    rng = np.random.default_rng(0)
    px = card.input_px
    coarse = rng.integers(0, 256, (PROOFS, px // 8, px // 8, 3), dtype=np.uint8)
    pixels = coarse.repeat(8, axis=1).repeat(8, axis=2)
    reference = np.asarray(served(scale(pixels.astype(np.float32), card.scaling))["logits"])
    ours = compiled.probabilities(compiled.logits(pixels))
    return float(np.abs(ours - compiled.probabilities(reference)).max())
