"""EfficientNet-Lite0: EfficientNet (Tan and Le, ICML 2019) without squeeze-and-excitation and swish, by TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.architectures.base import Architecture

if TYPE_CHECKING:
    import keras

BATCH_NORM = {"epsilon": 1e-3, "momentum": 0.95}  # the source's momentum of 0.99 lags, see `mobilenet_v2`
HIGHEST = 6.0  # of ReLU
STEM = 32  # channels
FEATURES = 1280


@dataclass(frozen=True, slots=True)
class Blocks:
    """Some inverted residual blocks in a row; `stride` is that of the first."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


BLOCKS = (
    Blocks(1, 3, 1, 1, 16),
    Blocks(2, 3, 2, 6, 24),
    Blocks(2, 5, 2, 6, 40),
    Blocks(3, 3, 2, 6, 80),
    Blocks(3, 5, 1, 6, 112),
    Blocks(4, 5, 2, 6, 192),
    Blocks(1, 3, 1, 6, 320),
)


def build(inputs: keras.KerasTensor) -> keras.Model:
    """Return the convolutional part on `inputs`; its output is (n, px / 32, px / 32, 1280).

    3,413,024 parameters, of which 3,371,008 are learned: the source's 4,652,008 less those of 1,000 classes.
    """
    import keras  # noqa: PLC0415 - seconds to import, and serving never needs it
    from keras import layers  # noqa: PLC0415

    x = layers.Conv2D(STEM, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(inputs)
    x = _activated(x, "stem")
    for stage, blocks in enumerate(BLOCKS, start=1):
        for repeat in range(blocks.repeats):
            name = f"block{stage}{chr(ord('a') + repeat)}"
            x = _block(x, blocks, blocks.stride if repeat == 0 else 1, name)
    x = layers.Conv2D(FEATURES, 1, use_bias=False, name="top_conv")(x)
    return keras.Model(inputs, _activated(x, "top"), name="efficientnetlite0")


def _block(x: Any, blocks: Blocks, stride: int, name: str) -> Any:
    """Expand, convolve each channel, project, and add what came in where the shapes allow it."""
    from keras import layers  # noqa: PLC0415 - as slow to import

    before = x
    channels = x.shape[-1]
    if blocks.expansion > 1:
        x = layers.Conv2D(blocks.expansion * channels, 1, use_bias=False, name=f"{name}_expand_conv")(x)
        x = _activated(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        blocks.kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = _activated(x, f"{name}_depthwise")
    x = layers.Conv2D(blocks.channels, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_project_bn")(x)
    return layers.Add(name=f"{name}_add")([before, x]) if stride == 1 and channels == blocks.channels else x


def _activated(x: Any, name: str) -> Any:
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = layers.BatchNormalization(**BATCH_NORM, name=f"{name}_bn")(x)
    return layers.ReLU(HIGHEST, name=f"{name}_relu")(x)


EFFICIENTNET_LITE0 = Architecture(
    "efficientnetlite0",
    "EfficientNet-Lite0",
    scaling="minus1to1",
    middle_layer="block6a_expand_relu",
    backbone=build,
)
