"""Random views of a batch, drawn on the training device, on any Keras back-end."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

ZOOM = (0.75, 1.15)  # share of the picture that is seen; above 1 the border is reflected
STRETCH = 0.08
SHIFT = 0.06
BRIGHTNESS = CONTRAST = 0.15
SATURATION = 0.2
TINT = 0.06
BLURRED = 0.4  # share of the images that lose sharpness: resolution must not give the class away
NOISE = 5.0


class RandomView(keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped
    """Rotate over the full circle, mirror, zoom, shift, blur and recolour; identity outside training.

    Input (n, px, px, 3) in [0, 255], any numeric type; output float32 in the same range. A lesion has no up,
    so every rotation is as likely as any other.
    """

    def __init__(self, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Return one random view of each image of the batch."""
        x = ops.cast(images, "float32")
        return self._recolour(self._soften(self._move(x))) if training else x

    def _uniform(self, images: Any, low: float, high: float, rank: int = 1) -> Any:
        shape = (ops.shape(images)[0],) + (1,) * (rank - 1)
        return keras.random.uniform(shape, low, high, seed=self.seeds)

    def _move(self, x: Any) -> Any:
        px = ops.cast(ops.shape(x)[1], "float32")
        angle = self._uniform(x, 0.0, 2 * math.pi)
        zoom = self._uniform(x, *ZOOM)
        stretch = ops.exp(self._uniform(x, -STRETCH, STRETCH))
        mirror = ops.sign(self._uniform(x, -1.0, 1.0))
        a, b = ops.cos(angle) * zoom * stretch * mirror, -ops.sin(angle) * zoom
        c, d = ops.sin(angle) * zoom * mirror, ops.cos(angle) * zoom / stretch
        middle = (px - 1) / 2
        shift_x = middle + self._uniform(x, -SHIFT, SHIFT) * px
        shift_y = middle + self._uniform(x, -SHIFT, SHIFT) * px
        tx, ty = shift_x - (a + b) * middle, shift_y - (c + d) * middle
        zero = ops.zeros_like(a)
        matrix = ops.stack([a, b, tx, c, d, ty, zero, zero], axis=1)
        return ops.image.affine_transform(x, matrix, interpolation="bilinear", fill_mode="reflect")

    def _soften(self, x: Any) -> Any:
        small = ops.average_pool(x, 2, strides=2, padding="same")
        coarse = ops.repeat(ops.repeat(small, 2, axis=1), 2, axis=2)
        smooth = ops.average_pool(coarse, 3, strides=1, padding="same")
        chosen = ops.cast(self._uniform(x, 0.0, 1.0, 4) < BLURRED, "float32")
        amount = chosen * self._uniform(x, 0.0, 1.0, 4)
        return x + amount * (smooth - x)

    def _recolour(self, x: Any) -> Any:
        grey = ops.mean(x, axis=3, keepdims=True)
        level = ops.mean(grey, axis=(1, 2), keepdims=True)
        x = grey + (x - grey) * self._uniform(x, 1 - SATURATION, 1 + SATURATION, 4)
        x = level + (x - level) * self._uniform(x, 1 - CONTRAST, 1 + CONTRAST, 4)
        x = x * self._uniform(x, 1 - BRIGHTNESS, 1 + BRIGHTNESS, 4)
        tint = (ops.shape(x)[0], 1, 1, 3)
        x = x * keras.random.uniform(tint, 1 - TINT, 1 + TINT, seed=self.seeds)
        spread = self._uniform(x, 0.0, NOISE, 4)
        x = x + spread * keras.random.normal(ops.shape(x), seed=self.seeds)
        return ops.clip(x, 0.0, 255.0)
