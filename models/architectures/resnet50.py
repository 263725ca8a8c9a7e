"""ResNet-50 (He et al., CVPR 2016), as in Keras applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.architectures.base import Architecture

if TYPE_CHECKING:
    import keras


def build(inputs: keras.KerasTensor) -> keras.Model:
    """Return the convolutional part on `inputs`, 23,587,712 parameters; its output is (n, px / 32, px / 32, 2048)."""
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it

    return keras.applications.ResNet50(include_top=False, weights=None, input_tensor=inputs)


RESNET50 = Architecture("resnet50", "ResNet-50", scaling="unit", middle_layer="conv4_block1_out", backbone=build)
