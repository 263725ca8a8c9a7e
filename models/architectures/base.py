"""What every architecture has in common: its parts by name, its input scaling, and the shared head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

FEATURES = "features"  # last map with a spatial extent, (h, w, c): what the heat map reads
EMBEDDING = "embedding"  # the picture as one vector, (c,)
LOGITS = "logits"  # one per class before softmax, or a single one before the sigmoid

DROPOUT = 0.4  # of the ResNet-50 source
TWO = 2  # classes that one sigmoid can tell apart

Head = Callable[["keras.KerasTensor", int, float | None], "keras.KerasTensor"]


def pooled_head(features: keras.KerasTensor, outputs: int, dropout: float | None) -> keras.KerasTensor:
    """Put the head of the ResNet-50 source on features: global average pooling, dropout, dense 1024, dropout, dense."""
    from keras import layers  # noqa: PLC0415 - seconds to import, and serving never needs it

    dropout = DROPOUT if dropout is None else dropout
    x = layers.GlobalAveragePooling2D(name=EMBEDDING)(features)
    x = layers.Dropout(dropout, name="dropout_embedding")(x)
    x = layers.Dense(1024, activation="relu", name="hidden")(x)
    x = layers.Dropout(dropout, name="dropout_hidden")(x)
    return layers.Dense(outputs, name=LOGITS, dtype="float32")(x)


class ArchitectureError(ValueError):
    """There is no such network, or it can't do what is asked of it; the message says which."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network of the literature: how to build it, and how its input is scaled.

    `backbone` builds the convolutional part on an input, `head` what follows: a plain chain of pooling or flattening,
    dense layers with ReLU, and dropout. `px` is the side of the square that a flattening head needs; None where any
    multiple of 32 will do. With `sigmoid` the two classes of a binary task share one logit, that of the second.
    `middle_layer` is what tells a lesion from other things: see `models.familiarity`.
    """

    name: str
    title: str
    scaling: str
    middle_layer: str
    backbone: Callable[[keras.KerasTensor], keras.Model]
    head: Head = pooled_head
    px: int | None = None
    sigmoid: bool = False


def build_network(architecture: Architecture, classes: int, dropout: float | None = None) -> keras.Model:
    """Build backbone and head; input (n, px, px, 3) scaled, output (n, classes) logits, or (n, 1) for a sigmoid.

    `dropout` is the share of units left out; None means what the source of the head says.
    ArchitectureError if a sigmoid network is asked to tell more than two classes apart.
    """
    import keras  # noqa: PLC0415 - as slow to import

    if architecture.sigmoid and classes != TWO:
        raise ArchitectureError(f"{architecture.title} tells two classes apart, not {classes}")
    inputs = keras.Input((architecture.px, architecture.px, 3), name="image")
    features = keras.layers.Identity(name=FEATURES)(architecture.backbone(inputs).output)
    logits = architecture.head(features, 1 if architecture.sigmoid else classes, dropout)
    return keras.Model(inputs, logits, name=architecture.name)


def class_logits(outputs: Any) -> Any:
    """Return logits (n, classes) of what a network answers: a lone logit z, before a sigmoid, is (0, z) to softmax."""
    from keras import ops  # noqa: PLC0415 - as slow to import

    return ops.concatenate([ops.zeros_like(outputs), outputs], axis=1) if outputs.shape[-1] == 1 else outputs


def load_backbone(network: keras.Model, architecture: Architecture, weights: str) -> None:
    """Copy backbone weights (a Keras ``.weights.h5`` file) into a network built by `build_network`."""
    import keras  # noqa: PLC0415 - as slow to import

    source = architecture.backbone(keras.Input((architecture.px, architecture.px, 3)))
    source.load_weights(weights)
    for ours, theirs in zip(network.layers, source.layers, strict=False):  # ours goes on with the head
        ours.set_weights(theirs.get_weights())
