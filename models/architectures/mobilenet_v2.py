"""MobileNetV2 (Sandler et al., CVPR 2018), width 1.0, as in Keras applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.architectures.base import Architecture

if TYPE_CHECKING:
    import keras

BATCH_NORM_MOMENTUM = 0.95  # Keras's 0.999 lags for thousands of steps: inference fails while training looks well


def build(inputs: keras.KerasTensor) -> keras.Model:
    """Return the convolutional part on `inputs`; its output is (n, px / 32, px / 32, 1280)."""
    import keras  # noqa: PLC0415 - as slow to import

    backbone = keras.applications.MobileNetV2(include_top=False, weights=None, input_tensor=inputs)
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = BATCH_NORM_MOMENTUM
    return backbone


MOBILENET_V2 = Architecture(
    "mobilenetv2",
    "MobileNetV2",
    scaling="minus1to1",
    middle_layer="block_13_expand_relu",
    backbone=build,
)
