"""Photographs in memory: read once, held as uint8 squares at the size that a training stage wants."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.labels import Task
from models.preprocessing import square_pixels
from models.training.splits import Photograph, SplitError

READERS = 4
SUFFIX = ".jpg"


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """Squares (n, px, px, 3) uint8, and their class indices (n,) int64 in the task's order."""

    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class ImageIndex:
    """The photographs below a folder, by image id: a file name without suffix, or the end of a path without it.

    The second form (``train/benign/1``) is for data sets in which file names repeat.
    """

    data: Path
    folders: Mapping[str, Sequence[str]]  # by file name without suffix: the folders that have it

    def __getitem__(self, image_id: str) -> Path:
        """Return where a photograph is; FileNotFoundError if nowhere, SplitError if in several places."""
        inside, _, name = image_id.rpartition("/")
        end = f"/{inside}/" if inside else "/"
        found = [Path(folder, name + SUFFIX) for folder in self.folders.get(name, ()) if f"/{folder}/".endswith(end)]
        if not found:
            raise FileNotFoundError(f"{image_id}{SUFFIX} is not below {self.data}")
        if len(found) > 1:
            places = " and ".join(str(path) for path in sorted(found))
            raise SplitError(f"{image_id} could be {places}: name a data folder that has it once")
        return found[0]


def index_images(data: Path) -> ImageIndex:
    """Find every photograph (``*.jpg``) below a data folder."""
    folders: dict[str, list[str]] = {}
    for folder, _, files in os.walk(data):
        for file in files:
            if file.endswith(SUFFIX):
                folders.setdefault(file.removesuffix(SUFFIX), []).append(folder)
    return ImageIndex(data, folders)


def load_images(photographs: Sequence[Photograph], data: Path, task: Task, px: int) -> LabelledImages:
    """Read photographs and resample them to (px, px), in their order; errors as `ImageIndex` raises them."""
    index = index_images(data)
    paths = [index[photograph.image_id] for photograph in photographs]

    def read(path: Path) -> npt.NDArray[np.uint8]:
        with Image.open(path) as image:
            return square_pixels(image, px)

    pixels = np.empty((len(photographs), px, px, 3), dtype=np.uint8)
    with ThreadPoolExecutor(READERS) as pool:
        for i, square in enumerate(pool.map(read, paths)):
            pixels[i] = square
    labels = np.array([task.codes.index(p.label) for p in photographs], dtype=np.int64)
    return LabelledImages(pixels, labels)


def shuffled_batches(
    images: LabelledImages, batch: int, seed: int, epoch: int, skip: int = 0
) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    """Yield the full batches of one epoch in its own seeded order, leaving out the first `skip`."""
    order = np.random.default_rng((seed, epoch)).permutation(len(images))
    for start in range(skip * batch, len(order) - batch + 1, batch):
        chosen = order[start : start + batch]
        yield images.pixels[chosen], images.labels[chosen]


def mixed(
    pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.float32], alpha: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Blend each picture of a batch, and its row of `labels` (n, classes), with another one's.

    The shares are drawn from Beta(alpha, alpha): mixup (Zhang et al., ICLR 2018). With alpha 0 nothing is blended.
    """
    if alpha == 0:
        return pixels, labels
    share = rng.beta(alpha, alpha, len(pixels)).astype(np.float32)
    share = np.maximum(share, 1 - share)  # a picture stays the larger part of itself
    partner = rng.permutation(len(pixels))
    own = share[:, None, None, None]
    blended = pixels * own + pixels[partner] * (1 - own)
    return blended.round().astype(np.uint8), labels * share[:, None] + labels[partner] * (1 - share[:, None])
