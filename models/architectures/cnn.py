"""The small convolutional networks of the binary sources in DESIGN, trained from scratch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.architectures.base import EMBEDDING, LOGITS, Architecture

if TYPE_CHECKING:
    import keras


def build_6m(inputs: keras.KerasTensor) -> keras.Model:
    """Return two convolutions, 16 and 32 filters, each pooled; on (n, 224, 224, 3) the output is (n, 56, 56, 32)."""
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = inputs
    for block, filters in enumerate((16, 32), start=1):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    return keras.Model(inputs, x)


def build_3m(inputs: keras.KerasTensor) -> keras.Model:
    """Return three unpadded convolutions, each pooled; on (n, 224, 224, 3) the output is (n, 26, 26, 64)."""
    import keras  # noqa: PLC0415 - as slow to import
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = inputs
    for block, filters in enumerate((32, 32, 64), start=1):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv{block}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    return keras.Model(inputs, x)


def build_64(inputs: keras.KerasTensor) -> keras.Model:
    """Return two convolutions of 64 filters, pooling, dropout, then one of 128, pooling, dropout.

    The source names the opening alone; what follows it, and the 128 px, are our reading. Output (n, 32, 32, 128).
    """
    import keras  # noqa: PLC0415 - as slow to import
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = inputs
    for block, filters in enumerate(((64, 64), (128,)), start=1):
        for i, count in enumerate(filters, start=1):
            x = layers.Conv2D(count, 3, padding="same", activation="relu", name=f"conv{block}_{i}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
        x = layers.Dropout(0.25, name=f"dropout{block}")(x)
    return keras.Model(inputs, x)


def head(features: keras.KerasTensor, outputs: int, dropout: float | None) -> keras.KerasTensor:
    """Put one dense layer of 64 on the flattened features, and the classes on it; no dropout unless asked for."""
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = layers.Flatten(name="flat")(features)
    x = layers.Dense(64, activation="relu", name=EMBEDDING)(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout_embedding")(x)
    return layers.Dense(outputs, name=LOGITS, dtype="float32")(x)


CNN_6M = Architecture(
    "cnn6m",
    "CNN, 6.4 million parameters",
    "unit",
    middle_layer="conv2",
    backbone=build_6m,
    head=head,
    px=224,
    sigmoid=True,
)
CNN_3M = Architecture(
    "cnn3m",
    "CNN, 2.8 million parameters",
    "unit",
    middle_layer="conv2",
    backbone=build_3m,
    head=head,
    px=224,
    sigmoid=True,
)
CNN_64 = Architecture("cnn64", "CNN, 64 filters", "unit", middle_layer="conv2_1", backbone=build_64, head=head, px=128)
