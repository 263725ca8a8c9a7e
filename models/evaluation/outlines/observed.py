"""What the compiled network makes out in photographs whose lesions experts have outlined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from models.abcd import measure
from models.abcd.contour import Floats
from models.evaluation.outlines.agreement import Agreement, agreement, expert_outline
from models.outline import Measures
from models.photograph import upright_rgb
from models.preprocessing import square_pixels
from models.segmentation.belief import Found, Limits, find, on_rim, verdict
from models.segmentation.card import OutlineCard
from models.segmentation.data import index_masks
from models.training.data import index_images
from models.training.splits import Photograph

Pixels = npt.NDArray[np.uint8]


class Traceable(Protocol):
    """An outlining network that can be asked what it is sure of, place by place."""

    card: OutlineCard

    def shares(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Return how sure the network is of a lesion at each place of a square (px, px, 3), in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A photograph, what was made out before it was judged, how well, and what the experts' outline measures.

    `experts` is the experts' outline (n, 2) in pixels, and `experts_on_rim` the share of it that runs along the rim of
    the square.
    """

    photograph: Photograph
    found: Found | None
    measures: Measures | None
    agreement: Agreement
    experts: Floats
    experts_on_rim: float

    def refused(self, limits: Limits) -> str | None:
        """Return why the outline would be refused, or None."""
        return verdict(self.found, limits)


def observe(
    outliner: Traceable, photographs: Sequence[Photograph], data: Path, level: float, title: str
) -> list[Observed]:
    """Outline every photograph and compare it with its experts; FileNotFoundError if one is missing."""
    images, masks = index_images(data), index_masks(data)
    return [
        _observed(outliner, photograph, images[photograph.image_id], masks[photograph.image_id], level)
        for photograph in tqdm(photographs, title, unit="photograph")
    ]


def made_out(outliner: Traceable, square: Image.Image, level: float) -> tuple[Found | None, Measures | None]:
    """Outline and measure the lesion of a whole square photograph; lengths are in its pixels."""
    pixels = square_pixels(square, outliner.card.input_px)
    found = find(outliner.shares(pixels), level)
    return found, None if found is None else measure(found.polygon, pixels, square.width / len(pixels))


def read_all(paths: Sequence[Path]) -> Iterator[Image.Image]:
    """Yield photographs as the product reads them."""
    for path in paths:
        with Image.open(path) as image:
            yield upright_rgb(image)


def read_mask(path: Path) -> npt.NDArray[np.bool_]:
    """Return where experts saw the lesion, (px, px)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L")) > 127  # noqa: PLR2004 - white, of black and white


def _observed(outliner: Traceable, photograph: Photograph, path: Path, mask_path: Path, level: float) -> Observed:
    mask, (square,) = read_mask(mask_path), read_all([path])
    found, measures = made_out(outliner, square, level)
    unit = len(mask) / outliner.card.input_px
    edge = expert_outline(mask)
    return Observed(
        photograph=photograph,
        found=found,
        measures=measures,
        agreement=agreement(None if found is None else found.polygon * unit, mask),
        experts=edge * (square.width / len(mask)),
        experts_on_rim=on_rim(edge, len(mask)),
    )
