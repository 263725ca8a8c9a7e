"""The reference engine: a network in Keras, with the weights that its card vouches for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import EMBEDDING, FEATURES, HIDDEN, LOGITS
from models.card import WEIGHTS, Card, read_verified

if TYPE_CHECKING:
    import keras


def load_network(card: Card, folder: Path) -> keras.Model:
    """Build the network of a card in code and load its weights; CardError unless their SHA-256 is the card's."""
    content = read_verified(card, folder, WEIGHTS)
    network = build_network(ARCHITECTURES[card.architecture], len(card.classes))
    with tempfile.NamedTemporaryFile(suffix=".weights.h5") as file:  # Keras reads weights from a path only
        file.write(content)
        file.flush()
        network.load_weights(file.name)
    return network


def with_explanation(network: keras.Model, px: int, middle_layer: str) -> keras.Model:
    """Return the network as it is served: input (n, px, px, 3), and all that it answers.

    Outputs are logits, embedding, middle (the channel means of a middle layer) and class maps.

    The class map of class c is the gradient of its logit with respect to the features, times the features, summed
    over channels: HiResCAM (Draelos and Carin, 2020). Only pooling and two dense layers follow the features, so
    that the gradient has a closed form, and the maps cost no second pass.
    """
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415

    image = keras.Input((px, px, 3), name="image")
    inner = keras.Model(
        network.input,
        [network.get_layer(name).output for name in (FEATURES, EMBEDDING, HIDDEN, LOGITS, middle_layer)],
    )
    features, embedding, hidden, logits, middle = inner(image, training=False)
    to_hidden, to_logits = network.get_layer(HIDDEN).kernel, network.get_layer(LOGITS).kernel
    active = ops.cast(hidden > 0, "float32")
    gradient = ops.matmul(to_hidden, ops.expand_dims(active, 2) * ops.expand_dims(to_logits, 0))
    places = ops.reshape(features, (-1, features.shape[1] * features.shape[2], features.shape[3]))
    maps = ops.reshape(ops.matmul(places, gradient), (-1, features.shape[1], features.shape[2], logits.shape[-1]))
    middle = ops.mean(middle, axis=(1, 2))
    return keras.Model(image, {"logits": logits, "embedding": embedding, "middle": middle, "class_maps": maps})
