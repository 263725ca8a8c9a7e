"""Turn an RGB image into network input: the one place, for training and serving alike."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Tensor = TypeVar("Tensor")

# scaling name -> (divisor, offset); the card of every network names the one it was trained with
SCALINGS = {
    "minus1to1": (127.5, -1.0),  # RGB / 127.5 - 1: MobileNetV2 (Keras applications), AlexNet of the literature
    "unit": (255.0, 0.0),  # RGB / 255
    "raw": (1.0, 0.0),
}


def square_pixels(image: Image.Image, px: int) -> npt.NDArray[np.uint8]:
    """Return the centred square of an image, resampled to (px, px, 3) uint8.

    Pillow's bicubic filter widens its support when it shrinks, so that photographs of any size are
    anti-aliased alike.
    """
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    square = image.convert("RGB").resize((px, px), Image.Resampling.BICUBIC, box=box)
    return np.asarray(square, dtype=np.uint8)


def scale(pixels: Tensor, scaling: str) -> Tensor:
    """Scale pixel values in [0, 255] as a network expects them; arrays and Keras tensors alike."""
    divisor, offset = SCALINGS[scaling]
    return pixels / divisor + offset  # type: ignore[operator, no-any-return]  # any array type


def network_input(image: Image.Image, px: int, scaling: str) -> npt.NDArray[np.float32]:
    """Return one image as a network's input batch, shape (1, px, px, 3), float32."""
    pixels = square_pixels(image, px).astype(np.float32)[np.newaxis]
    return scale(pixels, scaling).astype(np.float32)
