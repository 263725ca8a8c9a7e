"""Turn an RGB image into network input: the one place, for training and serving alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.prediction import Frame

# scaling name -> (divisor, offset); the card of every network names the one it was trained with
SCALINGS = {
    "minus1to1": (
        127.5,
        -1.0,
    ),  # RGB / 127.5 - 1: MobileNetV2 (Keras applications), AlexNet of the literature
    "unit": (255.0, 0.0),  # RGB / 255
    "raw": (1.0, 0.0),
}


def square_pixels(image: Image.Image, px: int, frame: Frame | None = None) -> npt.NDArray[np.uint8]:
    """Return the framed square of an RGB image (without a frame, the centred one) as (px, px, 3) uint8.

    Pillow's bicubic filter widens its support when it shrinks, so that photographs of any size are
    anti-aliased alike.
    """
    frame = Frame.centred(*image.size) if frame is None else frame
    box = (frame.left, frame.top, frame.left + frame.side, frame.top + frame.side)
    upright = image if image.mode == "RGB" else image.convert("RGB")
    square = upright.resize((px, px), Image.Resampling.BICUBIC, box=box)
    return np.asarray(square, dtype=np.uint8)


def scale(pixels: Any, scaling: str) -> Any:
    """Scale pixel values in [0, 255] as a network expects them; arrays and Keras tensors alike."""
    divisor, offset = SCALINGS[scaling]
    return pixels / divisor + offset


def under_light(scaled: Any, share: float, scaling: str) -> Any:
    """Return scaled pixel values as if only a share of the light had fallen; arrays and Keras tensors alike."""
    _, offset = SCALINGS[scaling]
    return (scaled - offset) * share + offset
