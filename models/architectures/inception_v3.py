"""InceptionV3 (Szegedy et al., CVPR 2016), as in Keras applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.architectures.base import Architecture

if TYPE_CHECKING:
    import keras


def build(inputs: keras.KerasTensor) -> keras.Model:
    """Return the convolutional part on `inputs`, at least 75 px a side; its output has 2048 channels, 5 x 5 at 224."""
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it

    return keras.applications.InceptionV3(include_top=False, weights=None, input_tensor=inputs)


INCEPTION_V3 = Architecture("inceptionv3", "InceptionV3", scaling="minus1to1", middle_layer="mixed4", backbone=build)
