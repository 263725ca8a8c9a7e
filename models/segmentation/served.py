"""The outlining network as it is served: the mean over some mirrored views, as shares."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from models.segmentation.architecture import build_outliner
from models.segmentation.card import WEIGHTS, OutlineCard, read_verified
from models.views import VIEWS

if TYPE_CHECKING:
    import keras


def load_network(card: OutlineCard, folder: Path) -> keras.Model:
    """Build the network in code and load its weights; CardError unless their SHA-256 is the card's."""
    content = read_verified(card, folder, WEIGHTS)
    network = build_outliner(card.input_px)
    with tempfile.NamedTemporaryFile(suffix=".weights.h5") as file:  # Keras reads weights from a path only
        file.write(content)
        file.flush()
        network.load_weights(file.name)
    return network


def served_network(network: keras.Model, px: int, scaling: str, views: int) -> keras.Model:
    """Return the network as it is served: input (n, px, px, 3) scaled, output `shares` (n, px, px, 1) in [0, 1].

    It sees the first so many of `models.views.VIEWS`, and answers the sigmoid of the mean of their logits.
    """
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415 - as slow to import

    image = keras.Input((px, px, 3), name="image")
    seen = VIEWS[:views]
    batch = ops.concatenate([view.of(image, scaling, ops) for view in seen], axis=0)
    parts = ops.split(network(batch, training=False), views, axis=0)
    upright = [view.undone(part, ops) for view, part in zip(seen, parts, strict=True)]
    return keras.Model(image, {"shares": ops.sigmoid(ops.mean(ops.stack(upright), axis=0))})
