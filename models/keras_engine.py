"""The reference engine: a network in Keras, with the weights that its card vouches for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import EMBEDDING, FEATURES, HIDDEN, LOGITS
from models.card import WEIGHTS, Card, read_verified

if TYPE_CHECKING:
    import keras

# axes along which each view of a batch (n, h, w, c) is mirrored
MIRRORINGS: tuple[tuple[int, ...], ...] = ((), (2,), (1,), (1, 2))


def load_network(card: Card, folder: Path) -> keras.Model:
    """Build the network of a card in code and load its weights; CardError unless their SHA-256 is the card's."""
    content = read_verified(card, folder, WEIGHTS)
    network = build_network(ARCHITECTURES[card.architecture], len(card.classes))
    with tempfile.NamedTemporaryFile(suffix=".weights.h5") as file:  # Keras reads weights from a path only
        file.write(content)
        file.flush()
        network.load_weights(file.name)
    return network


def served_network(card: Card, folder: Path) -> keras.Model:
    """Return a classifier's network in Keras, with everything that the compiled one answers; errors as above."""
    return with_explanation(
        load_network(card, folder), card.input_px, ARCHITECTURES[card.architecture].middle_layer, card.views
    )


def with_explanation(network: keras.Model, px: int, middle_layer: str, views: int) -> keras.Model:
    """Return the network as it is served: input (n, px, px, 3), and all that it answers.

    Outputs are logits, embedding, middle (the channel means of a middle layer) and class maps, with 4 views the
    means over the picture and its mirror images: a lesion has no left and right.

    The class map of class c is the gradient of its logit with respect to the features, times the features, summed
    over channels: HiResCAM (Draelos and Carin, 2020). Only pooling and two dense layers follow the features, so
    that the gradient has a closed form, and the maps cost no second pass.
    """
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415 - as slow to import

    image = keras.Input((px, px, 3), name="image")
    layers = (FEATURES, EMBEDDING, HIDDEN, LOGITS, middle_layer)
    inner = keras.Model(network.input, [network.get_layer(name).output for name in layers])
    mirrorings = MIRRORINGS[:views]
    seen = ops.concatenate([ops.flip(image, axes) if axes else image for axes in mirrorings], axis=0)
    features, embedding, hidden, logits, middle = inner(seen, training=False)
    maps = _class_maps(features, hidden, network.get_layer(HIDDEN).kernel, network.get_layer(LOGITS).kernel)
    parts = [
        ops.flip(part, axes) if axes else part
        for part, axes in zip(ops.split(maps, views, axis=0), mirrorings, strict=True)
    ]

    def mean(answers: Any) -> Any:
        return ops.mean(ops.stack(ops.split(answers, views, axis=0)), axis=0)

    return keras.Model(
        image,
        {
            "logits": mean(logits),
            "embedding": mean(embedding),
            "middle": mean(ops.mean(middle, axis=(1, 2))),
            "class_maps": ops.mean(ops.stack(parts), axis=0),
        },
    )


def _class_maps(features: Any, hidden: Any, to_hidden: Any, to_logits: Any) -> Any:
    """Return how much each place of `features` (n, h, w, c) speaks for each class, (n, h, w, classes)."""
    from keras import ops  # noqa: PLC0415 - as slow to import

    active = ops.cast(hidden > 0, "float32")
    gradient = ops.matmul(to_hidden, ops.expand_dims(active, 2) * ops.expand_dims(to_logits, 0))
    _, height, width, channels = features.shape
    places = ops.reshape(features, (-1, height * width, channels))
    return ops.reshape(ops.matmul(places, gradient), (-1, height, width, gradient.shape[-1]))
