"""What every architecture has in common: a backbone builder, its input scaling, and the shared head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

FEATURES = "features"  # last map with a spatial extent, (h, w, c): what the heat map reads
EMBEDDING = "embedding"  # the map averaged over the picture, (c,)
HIDDEN = "hidden"  # dense 1024, ReLU
LOGITS = "logits"  # one per class, before softmax


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network of the literature: how to build its backbone, and how its input is scaled."""

    name: str
    title: str
    scaling: str
    middle_layer: str  # what tells a lesion from other things: see `models.familiarity`
    backbone: Callable[[keras.KerasTensor], keras.Model]


def build_network(architecture: Architecture, classes: int, dropout: float = 0.4) -> keras.Model:
    """Build backbone and head; input (n, px, px, 3) scaled, output (n, classes) logits.

    The head is that of the ResNet-50 source in DESIGN: global average pooling, dropout, dense 1024, dropout,
    dense `classes`. px is any multiple of 32.
    """
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it

    inputs = keras.Input((None, None, 3), name="image")
    features = architecture.backbone(inputs).output
    x = keras.layers.Identity(name=FEATURES)(features)
    x = keras.layers.GlobalAveragePooling2D(name=EMBEDDING)(x)
    x = keras.layers.Dropout(dropout, name="dropout_embedding")(x)
    x = keras.layers.Dense(1024, activation="relu", name=HIDDEN)(x)
    x = keras.layers.Dropout(dropout, name="dropout_hidden")(x)
    logits = keras.layers.Dense(classes, name=LOGITS)(x)
    return keras.Model(inputs, logits, name=architecture.name)


def load_backbone(network: keras.Model, architecture: Architecture, weights: str) -> None:
    """Copy backbone weights (a Keras ``.weights.h5`` file) into a network built by `build_network`."""
    import keras  # noqa: PLC0415 - as slow to import

    source = architecture.backbone(keras.Input((None, None, 3)))
    source.load_weights(weights)
    for layer in source.layers:
        if layer.weights:
            network.get_layer(layer.name).set_weights(layer.get_weights())
