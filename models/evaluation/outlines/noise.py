"""How far measures of an unchanged lesion differ: between its photographs, and between a photograph and its copies.

The limits are taken on validation photographs; on test photographs it is counted how many pairs lie beyond them. What
was compared is the network's outlines, those that would be refused left out. Most pairs of one lesion in HAM10000 are
close-ups and overviews of one visit; how much time lies between them is not recorded, so a real change may be among
them, which makes the limits too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from tqdm import tqdm

from models.evaluation.outlines.observed import Observed, Traceable, made_out, read_all
from models.outline import Measures, Noise
from models.segmentation.belief import Limits, verdict
from models.training.data import index_images
from models.training.splits import Photograph

SHARE = 0.95  # of differences that lie below the limit
COPIED = 150  # lesions whose copies are measured, of each part
DIGITS = 4
REAL = ("asymmetry", "irregularity", "notching", "colour_spread")
LENGTHS = ("area", "diameter")  # they depend on the distance of the camera, which only copies keep
DIMENSIONS = MappingProxyType({"area": 2, "diameter": 1})

Copy = Callable[[Image.Image], Image.Image]


def _lit(by: float) -> Copy:
    return lambda image: image.point(lambda level: min(255, round(level * by)))


def _moved(turn: float, shift: float) -> Copy:
    """Return what turns a square, in degrees, and moves it, by a share of its side; beyond its rim it is mirrored."""

    def move(image: Image.Image) -> Image.Image:
        px = image.width
        padded = Image.fromarray(np.pad(np.asarray(image), ((px, px), (px, px), (0, 0)), mode="symmetric"))
        turned = padded.rotate(turn, Image.Resampling.BICUBIC) if turn else padded
        start = px + round(shift * px)
        return turned.crop((start, start, start + px, start + px))

    return move


def _nearer(image: Image.Image) -> Image.Image:
    px, margin = image.width, round(image.width * 0.05)
    return image.crop((margin, margin, px - margin, px - margin))


# none of these changes what the lesion is; lengths stay what they are, in pixels of the photograph
COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "turned by 90 degrees": lambda image: image.transpose(Image.Transpose.ROTATE_90),
        "turned by 30 degrees": _moved(30, 0),
        "moved by a twentieth": _moved(0, 0.05),
        "framed a tenth closer": _nearer,
        "10 % darker": _lit(0.9),
        "10 % brighter": _lit(1.1),
        "blurred by 1 px": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    }
)


def pairs(observed: Sequence[Observed], limits: Limits) -> list[tuple[Measures, Measures]]:
    """Return the measures of photographs of one lesion that follow each other, where both are believed."""
    by_lesion: dict[str, list[Measures]] = {}
    for each in observed:
        if each.measures and not each.refused(limits):
            by_lesion.setdefault(each.photograph.lesion_id, []).append(each.measures)
    return [pair for of_lesion in by_lesion.values() for pair in pairwise(of_lesion)]


def copies(
    outliner: Traceable, observed: Sequence[Observed], data: Path, limits: Limits
) -> dict[str, list[tuple[Measures, Measures]]]:
    """Return, by copy, the measures of a photograph and of its copy, where both are believed."""
    believed = {each.photograph.lesion_id: each for each in observed if each.measures and not each.refused(limits)}
    chosen = [believed[lesion] for lesion in sorted(believed)]
    order = np.random.default_rng(0).permutation(len(chosen))[:COPIED]
    found: dict[str, list[tuple[Measures, Measures]]] = {name: [] for name in COPIES}
    for i, square in zip(tqdm(order, "copies", unit="photograph"), _read(chosen, order, data), strict=True):
        before = chosen[i].measures
        for name, copy in COPIES.items():
            seen, after = made_out(outliner, copy(square), limits.level)
            if before and after and not verdict(seen, limits):
                found[name].append((before, after))
    return found


def noise_limits(
    real: Sequence[tuple[Measures, Measures]], copied: Mapping[str, Sequence[tuple[Measures, Measures]]]
) -> dict[str, Noise]:
    """Return by measure the limit below which 95 % of differences lie."""
    together = [pair for of_copy in copied.values() for pair in of_copy]
    found = {}
    for name in (*LENGTHS, *REAL):
        relative = name in LENGTHS
        compared = together if relative else real
        limit = round(float(np.quantile(differences(compared, name), SHARE)), DIGITS)
        found[name] = Noise(name, limit, relative=relative, real=not relative, n=len(compared))
    return found


def differences(compared: Iterable[tuple[Measures, Measures]], name: str) -> list[float]:
    """Return how far apart each pair lies: the difference, or for lengths and areas that of the logarithms."""
    values = [(getattr(before, name), getattr(after, name)) for before, after in compared]
    if name in LENGTHS:
        return [abs(log(after / before)) for before, after in values]
    return [abs(after - before) for before, after in values]


def repeatability(
    limits: Mapping[str, Noise],
    real: Sequence[tuple[Measures, Measures]],
    copied: Mapping[str, Sequence[tuple[Measures, Measures]]],
) -> dict[str, Any]:
    """Return, for the card, how far measures differ on photographs that the limits were not taken from."""
    together = [pair for of_copy in copied.values() for pair in of_copy]
    return {
        "pairs": len(real),
        "copies": len(together),
        "same_colours": float(np.mean([before.colours == after.colours for before, after in real])),
        "measures": {name: _spread(name, noise, real, together) for name, noise in limits.items()},
        "by_copy": {
            name: {"n": len(of_copy)} | {m: float(np.median(differences(of_copy, m))) for m in (*LENGTHS, *REAL)}
            for name, of_copy in copied.items()
            if of_copy
        },
    }


def _spread(
    name: str,
    noise: Noise,
    real: Sequence[tuple[Measures, Measures]],
    copied: Sequence[tuple[Measures, Measures]],
) -> dict[str, Any]:
    compared = np.array(differences(real if noise.real else copied, name))
    return {
        "n": len(compared),
        "median": float(np.median(compared)),
        "beyond": float(np.mean(compared > noise.limit)),
        "median_of_copies": float(np.median(differences(copied, name))),
    }


def _read(chosen: Sequence[Observed], order: Iterable[int], data: Path) -> Iterator[Image.Image]:
    index = index_images(data)
    photographs: list[Photograph] = [chosen[i].photograph for i in order]
    return read_all([index[photograph.image_id] for photograph in photographs])
