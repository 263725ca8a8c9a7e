"""Photographs and the experts' outlines of their lesions in memory, as squares of four channels."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.preprocessing import square_pixels
from models.training.data import READERS, index_images
from models.training.splits import Photograph

MASKS = "_segmentation.png"

Pairs = npt.NDArray[np.uint8]


def load_pairs(photographs: Sequence[Photograph], data: Path, px: int) -> Pairs:
    """Read photographs and outlines below a data folder: (n, px, px, 4) uint8, the last channel 255 on the lesion.

    FileNotFoundError if a photograph or its outline is missing.
    """
    images, masks = index_images(data), index_masks(data)
    missing = [p.image_id for p in photographs if p.image_id not in masks]
    if missing:
        raise FileNotFoundError(f"{missing[0]}{MASKS} is not below {data}")
    places = [(images[p.image_id], masks[p.image_id]) for p in photographs]
    pairs = np.empty((len(places), px, px, 4), dtype=np.uint8)
    with ThreadPoolExecutor(READERS) as pool:
        for i, pair in enumerate(pool.map(partial(_pair, px), places)):
            pairs[i] = pair
    return pairs


def index_masks(data: Path) -> dict[str, Path]:
    """Find the experts' outlines below a data folder, by image id."""
    return {path.name.removesuffix(MASKS): path for path in data.rglob(f"*{MASKS}")}


def _pair(px: int, paths: tuple[Path, Path]) -> Pairs:
    photograph, mask = paths
    with Image.open(photograph) as image:
        square = square_pixels(image, px)
    with Image.open(mask) as image:
        lesion = image.convert("L").resize((px, px), Image.Resampling.BOX)
    return np.dstack([square, np.asarray(lesion)])
