"""The reference engine: a network in Keras, with the weights that its card vouches for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import EMBEDDING, FEATURES, class_logits
from models.card import WEIGHTS, Card, read_verified
from models.class_maps import class_maps
from models.views import VIEWS

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


def served_network(card: Card, folder: Path) -> keras.Model:
    """Return a classifier's network in Keras, with everything that the compiled one answers; errors as above."""
    middle_layer = ARCHITECTURES[card.architecture].middle_layer
    return with_explanation(load_network(card, folder), card.input_px, card.scaling, middle_layer, card.views)


def with_explanation(network: keras.Model, px: int, scaling: str, middle_layer: str, views: int) -> keras.Model:
    """Return the network as it is served: input (n, px, px, 3), and all that it answers.

    Outputs are logits, embedding, middle (the channel means of a middle layer) and class maps (see
    `models.class_maps`), each the mean over the first so many of `models.views.VIEWS`. `view_logits` (n, views,
    classes) are the logits of each view.
    """
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415 - as slow to import

    image = keras.Input((px, px, 3), name="image")
    head = network.layers[network.layers.index(network.get_layer(FEATURES)) + 1 :]
    layers = [network.get_layer(name) for name in (middle_layer, EMBEDDING, FEATURES)]
    inner = keras.Model(network.input, [layer.output for layer in (*layers, *head)])
    seen = ops.concatenate([view.of(image, scaling, ops) for view in VIEWS[:views]], axis=0)
    middle, embedding, features, *answers = inner(seen, training=False)
    logits = ops.stack(ops.split(class_logits(answers[-1]), views, axis=0), axis=1)
    maps = ops.split(class_maps(head, answers, features), views, axis=0)
    maps = [view.undone(part, ops) for view, part in zip(VIEWS[:views], maps, strict=True)]

    def mean(answers: Any) -> Any:
        return ops.mean(ops.stack(ops.split(answers, views, axis=0)), axis=0)

    return keras.Model(
        image,
        {
            "logits": ops.mean(logits, axis=1),
            "view_logits": logits,
            "embedding": mean(embedding),
            "middle": mean(ops.mean(middle, axis=(1, 2))),
            "class_maps": ops.mean(ops.stack(maps), axis=0),
        },
    )
