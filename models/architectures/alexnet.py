"""AlexNet (Krizhevsky et al., NeurIPS 2012) in one tower, with the sizes of the skin-lesion source in DESIGN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.architectures.base import EMBEDDING, LOGITS, Architecture

if TYPE_CHECKING:
    import keras

DROPOUT = 0.5


def build(inputs: keras.KerasTensor) -> keras.Model:
    """Return the convolutional part on `inputs` (n, 224, 224, 3); its output is (n, 5, 5, 256), 6,400 values."""
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(inputs)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    x = layers.Conv2D(256, 5, padding="same", activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)
    x = layers.Conv2D(384, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.Conv2D(384, 3, padding="same", activation="relu", name="conv4")(x)
    x = layers.Conv2D(256, 3, padding="same", activation="relu", name="conv5")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool5")(x)
    return keras.Model(inputs, x)


def head(features: keras.KerasTensor, outputs: int, dropout: float | None) -> keras.KerasTensor:
    """Put two dense layers of 4,096 with dropout on the flattened features, and the classes on them."""
    from keras import layers  # noqa: PLC0415 - as slow to import

    dropout = DROPOUT if dropout is None else dropout
    x = layers.Flatten(name="flat")(features)
    x = layers.Dense(4096, activation="relu", name="dense6")(x)
    x = layers.Dropout(dropout, name="dropout6")(x)
    x = layers.Dense(4096, activation="relu", name=EMBEDDING)(x)
    x = layers.Dropout(dropout, name="dropout7")(x)
    return layers.Dense(outputs, name=LOGITS, dtype="float32")(x)


ALEXNET = Architecture(
    "alexnet", "AlexNet", scaling="minus1to1", middle_layer="conv3", backbone=build, head=head, px=224
)
