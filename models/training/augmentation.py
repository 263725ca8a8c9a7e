"""Random views of a batch, drawn on the training device, on any Keras back-end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import keras
from keras import ops


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a random view may be from the picture.

    `turn` is in degrees either way; `zoom` the share of the picture that is seen (above 1 the border is reflected);
    the others are shares: of the side (`stretch`, `shift`), of the value (`brightness`, `contrast`, `saturation`,
    `tint`), of the pictures (`blurred`: resolution must not give the class away); `noise` is in grey levels of 255.
    """

    turn: float = 180.0  # a lesion has no up, so every rotation is as likely as any other
    zoom: tuple[float, float] = (0.75, 1.15)
    stretch: float = 0.08
    shift: float = 0.06
    brightness: float = 0.15
    contrast: float = 0.15
    saturation: float = 0.2
    tint: float = 0.06
    blurred: float = 0.4
    noise: float = 5.0


AUGMENTATIONS: Mapping[str, Augmentation | None] = MappingProxyType(
    {
        "strong": Augmentation(),
        # the AlexNet source: flips, 15 degrees, 10 % of brightness, contrast and saturation
        "gentle": Augmentation(15.0, (1.0, 1.0), 0.0, 0.0, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0),
        "none": None,
    }
)


class RandomView(keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Rotate, mirror both ways, zoom, shift, blur and recolour; identity outside training.

    Input (n, px, px, 3) in [0, 255], any numeric type; output float32 in the same range.
    """

    def __init__(self, augmentation: Augmentation | None, seed: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.augmentation = augmentation
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Return one random view of each image of the batch."""
        x = ops.cast(images, "float32")
        if self.augmentation is None or not training:
            return x
        x = self._move(x, self.augmentation)
        if self.augmentation.blurred:
            x = self._soften(x, self.augmentation)
        return self._recolour(x, self.augmentation)

    def _uniform(self, images: Any, low: float, high: float, rank: int = 1) -> Any:
        shape = (ops.shape(images)[0],) + (1,) * (rank - 1)
        return keras.random.uniform(shape, low, high, seed=self.seeds)

    def _move(self, x: Any, how: Augmentation) -> Any:
        px = ops.cast(ops.shape(x)[1], "float32")
        angle = self._uniform(x, -how.turn, how.turn) * math.pi / 180
        zoom = self._uniform(x, *how.zoom)
        stretch = ops.exp(self._uniform(x, -how.stretch, how.stretch))
        mirror, flip = ops.sign(self._uniform(x, -1.0, 1.0)), ops.sign(self._uniform(x, -1.0, 1.0))
        a, b = ops.cos(angle) * zoom * stretch * mirror, -ops.sin(angle) * zoom * flip
        c, d = ops.sin(angle) * zoom * mirror, ops.cos(angle) * zoom / stretch * flip
        middle = (px - 1) / 2
        shift_x = middle + self._uniform(x, -how.shift, how.shift) * px
        shift_y = middle + self._uniform(x, -how.shift, how.shift) * px
        tx, ty = shift_x - (a + b) * middle, shift_y - (c + d) * middle
        zero = ops.zeros_like(a)
        matrix = ops.stack([a, b, tx, c, d, ty, zero, zero], axis=1)
        return ops.image.affine_transform(x, matrix, interpolation="bilinear", fill_mode="reflect")

    def _soften(self, x: Any, how: Augmentation) -> Any:
        small = ops.average_pool(x, 2, strides=2, padding="same")
        coarse = ops.repeat(ops.repeat(small, 2, axis=1), 2, axis=2)
        smooth = ops.average_pool(coarse, 3, strides=1, padding="same")
        chosen = ops.cast(self._uniform(x, 0.0, 1.0, 4) < how.blurred, "float32")
        amount = chosen * self._uniform(x, 0.0, 1.0, 4)
        return x + amount * (smooth - x)

    def _recolour(self, x: Any, how: Augmentation) -> Any:
        grey = ops.mean(x, axis=3, keepdims=True)
        level = ops.mean(grey, axis=(1, 2), keepdims=True)
        x = grey + (x - grey) * self._uniform(x, 1 - how.saturation, 1 + how.saturation, 4)
        x = level + (x - level) * self._uniform(x, 1 - how.contrast, 1 + how.contrast, 4)
        x = x * self._uniform(x, 1 - how.brightness, 1 + how.brightness, 4)
        tint = (ops.shape(x)[0], 1, 1, 3)
        x = x * keras.random.uniform(tint, 1 - how.tint, 1 + how.tint, seed=self.seeds)
        spread = self._uniform(x, 0.0, how.noise, 4)
        x = x + spread * keras.random.normal(ops.shape(x), seed=self.seeds)
        return ops.clip(x, 0.0, 255.0)
