"""The network that finds a lesion: a U-Net (Ronneberger et al., MICCAI 2015) on MobileNetV2, with a light decoder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import ARCHITECTURES, build_network
from models.card import WEIGHTS
from models.labels import HAM7

if TYPE_CHECKING:
    import keras

NAME = "outline"
TITLE = "U-Net on MobileNetV2"
BACKBONE = ARCHITECTURES["mobilenetv2"]
DEEPEST = "block_16_project_BN"  # 1/32 of the side, 320 channels
# what the decoder joins on its way up, and how many channels it goes on with: 1/16, 1/8, 1/4 and 1/2 of the side
STEPS = (
    ("block_13_expand_relu", 128),
    ("block_6_expand_relu", 96),
    ("block_3_expand_relu", 64),
    ("block_1_expand_relu", 32),
)
LOGITS = "lesion"


def build_outliner(px: int | None) -> keras.Model:
    """Build the network: input (n, px, px, 3) scaled, output (n, px, px, 1) logits.

    `px` is a multiple of 32, or None for a network that takes any. Each step up doubles the side, joins what the
    backbone saw at that side, and is a separable convolution. The last doubling, to the side of the input, is smoothed.
    Nothing in it asks for the side as a number, as bilinear layers do, so that one network can be trained at several.
    """
    import keras  # noqa: PLC0415 - seconds to import

    inputs = keras.Input((px, px, 3), name="image")
    backbone = BACKBONE.backbone(inputs)
    x = _joined(backbone.get_layer(DEEPEST).output, 160, "deepest")
    for name, channels in STEPS:
        skipped = _joined(backbone.get_layer(name).output, channels // 2, f"skip_{channels}")
        x = keras.layers.UpSampling2D(name=f"up_{channels}")(x)
        x = keras.layers.Concatenate(name=f"join_{channels}")([x, skipped])
        x = _separable(x, channels)
    x = keras.layers.Conv2D(1, 1, dtype="float32", name=LOGITS)(x)
    x = keras.layers.UpSampling2D(dtype="float32", name="full")(x)
    x = keras.layers.AveragePooling2D(3, strides=1, padding="same", dtype="float32", name="smooth")(x)
    return keras.Model(inputs, x, name=NAME)


def load_encoder(network: keras.Model, weights: Path) -> None:
    """Copy into the network what its backbone shares with a ``.weights.h5`` file: a bare backbone's or a classifier's.

    A classifier's is called ``network.weights.h5``, and tells HAM10000's seven classes apart.
    """
    import keras  # noqa: PLC0415 - as slow to import

    source = BACKBONE.backbone(keras.Input((None, None, 3)))
    if weights.name == WEIGHTS:
        source = build_network(BACKBONE, len(HAM7.codes))
    source.load_weights(weights)
    ours = {layer.name: layer for layer in network.layers}
    for layer in source.layers:
        if layer.name in ours and layer.weights:
            ours[layer.name].set_weights(layer.get_weights())


def _joined(x: Any, channels: int, name: str) -> Any:
    return _normed(_convolution(channels, 1, name)(x), name)


def _separable(x: Any, channels: int) -> Any:
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"across_{channels}")(x)
    x = _normed(x, f"across_{channels}")
    return _normed(_convolution(channels, 1, f"mix_{channels}")(x), f"mix_{channels}")


def _convolution(channels: int, side: int, name: str) -> Any:
    from keras import layers  # noqa: PLC0415 - as slow to import

    return layers.Conv2D(channels, side, padding="same", use_bias=False, name=name)


def _normed(x: Any, name: str) -> Any:
    from keras import layers  # noqa: PLC0415 - as slow to import

    x = layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)
