"""Pictures with the answer taken away: what a classifier still scores, it has from the wrong place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from models.evaluation.predictions import Measurable, Pixels, Predictions, predict_squares
from models.evaluation.ranking import Flags

INNER = 0.7  # share of the side that the border-only control blanks
MASKS = "_segmentation.png"
RIM = 9  # px at 224: an outline is grown by half of this, for the lesion's rim tells the class as well
MOST_LESIONS = 500  # that are painted over or turned: enough to see what is left, and a third of the time
SEED = 0
FEWEST_AROUND = 0.02  # share of the picture that must lie outside the lesion


def drawn_lesions(count: int) -> Flags:
    """Return which of `count` lesions the controls take, (count,): all, or as many as are enough, drawn with a seed."""
    order = np.random.default_rng(SEED).permutation(count)
    return order < MOST_LESIONS


def border_only(pixels: Pixels) -> Pixels:
    """Return squares (n, px, px, 3) with the inner 70 % of each side in the mean colour of the border."""
    px = pixels.shape[1]
    margin = round(px * (1 - INNER) / 2)
    hidden = np.zeros((px, px), dtype=np.bool_)
    hidden[margin : px - margin, margin : px - margin] = True
    return paint_out(pixels, np.broadcast_to(hidden, pixels.shape[:3]))


def paint_out(pixels: Pixels, hidden: Flags) -> Pixels:
    """Return squares (n, px, px, 3) with the hidden places (n, px, px) in the mean colour of the others."""
    painted = pixels.copy()
    for square, places in zip(painted, hidden, strict=True):
        square[places] = square[~places].mean(axis=0).round().astype(np.uint8)
    return painted


def on_borders(classifier: Measurable, predictions: Predictions, pixels: Pixels) -> Predictions:
    """Classify the same photographs by their outer 15 % alone."""
    return _again(classifier, predictions, border_only(pixels), "border only")


def without_lesions(classifier: Measurable, predictions: Predictions, pixels: Pixels, data: Path) -> Predictions | None:
    """Classify the photographs with the lesion painted out; None if none has an outline below `data`.

    Photographs without an outline, or with next to nothing outside it, are left out. The shape of the painted
    patch still tells the lesion's size and outline.
    """
    ids = [photograph.image_id for photograph in predictions.photographs]
    masks = lesion_masks(ids, data, pixels.shape[1])
    usable = np.array([mask is not None and (~mask).mean() >= FEWEST_AROUND for mask in masks])
    if not usable.any():
        return None
    hidden = np.stack([mask for mask, wanted in zip(masks, usable, strict=True) if wanted and mask is not None])
    return _again(classifier, predictions.where(usable), paint_out(pixels[usable], hidden), "lesion painted out")


def lesion_masks(image_ids: Sequence[str], data: Path, px: int) -> list[Flags | None]:
    """Find the experts' outlines below a data folder; return where each lesion is, (px, px), if known."""
    paths = {path.name.removesuffix(MASKS): path for path in data.rglob(f"*{MASKS}")}
    return [_mask(paths[i], px) if i in paths else None for i in image_ids]


def _mask(path: Path, px: int) -> npt.NDArray[np.bool_]:
    with Image.open(path) as image:
        grown = image.convert("L").filter(ImageFilter.MaxFilter(RIM))
    return np.asarray(grown.resize((px, px), Image.Resampling.NEAREST)) > 0


def _again(classifier: Measurable, predictions: Predictions, pixels: Pixels, title: str) -> Predictions:
    return replace(predictions, probabilities=predict_squares(classifier, pixels, title))
