"""``python -m models.evaluation.quality_thresholds DATA``: find the limits of image quality on spoiled photographs."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from models.evaluation.controls import lesion_masks
from models.preprocessing import square_pixels
from models.quality import QUALITY_PX, Measures, faults, measure
from models.training import splits
from models.training.data import index_images
from models.training.splits import Photograph

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Spoiling = Callable[[Pixels], Pixels]

GAMMA = 2.2  # of the display: exposure is linear in light, not in grey levels
LARGEST_SHIFTED = 0.2  # share of the photograph that a lesion may fill and still be moved in a frame of half its side
# measure -> the code of its fault, and whether low values are the bad ones
MEASURES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "sharpness": ("blurred", True),
        "brightness": ("dark", True),
        "burnt": ("overexposed", False),
        "distance": ("off_centre", False),
        "range": ("low_contrast", True),
    }
)


@dataclass(frozen=True, slots=True)
class Caught:
    """How many of `n` spoiled photographs are flagged for what was done to them; `share` of them, in [0, 1]."""

    spoiling: str
    code: str
    n: int
    share: float


def blurred(pixels: Pixels, radius: float) -> Pixels:
    """Blur a square by a Gaussian, standard deviation `radius` in pixels."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def exposed(pixels: Pixels, stops: float) -> Pixels:
    """Expose a square by so many stops more; each doubles the light."""
    light = (pixels / 255) ** GAMMA * 2**stops
    return (np.clip(light, 0, 1) ** (1 / GAMMA) * 255).round().astype(np.uint8)


def shifted(pixels: Pixels, mask: Mask) -> Iterator[Pixels]:
    """Yield frames of half the side on whose left, right, upper or lower edge the lesion's middle lies."""
    px = len(pixels)
    half = px // 2
    if not mask.any() or mask.mean() > LARGEST_SHIFTED:
        return
    down, across = (round(float(place.mean())) for place in np.nonzero(mask))
    for top, left in (
        (down - half // 2, across),
        (down - half // 2, across - half),
        (down, across - half // 2),
        (down - half, across - half // 2),
    ):
        if 0 <= top <= px - half and 0 <= left <= px - half:
            frame = Image.fromarray(pixels[top : top + half, left : left + half])
            yield square_pixels(frame, px)


SPOILINGS: Mapping[str, tuple[str, Spoiling]] = MappingProxyType(
    {
        "blur of 1 px": ("blurred", partial(blurred, radius=1)),
        "blur of 1.5 px": ("blurred", partial(blurred, radius=1.5)),
        "blur of 2 px": ("blurred", partial(blurred, radius=2)),
        "1 stop darker": ("dark", partial(exposed, stops=-1)),
        "2 stops darker": ("dark", partial(exposed, stops=-2)),
        "3 stops darker": ("dark", partial(exposed, stops=-3)),
        "1 stop lighter": ("overexposed", partial(exposed, stops=1)),
        "1.5 stops lighter": ("overexposed", partial(exposed, stops=1.5)),
        "2 stops lighter": ("overexposed", partial(exposed, stops=2)),
    }
)
SHIFTED = "lesion's middle on the edge of the frame"


def clean_limits(clean: Sequence[Measures], flagged: float) -> dict[str, float]:
    """Return, by measure, the limit beyond which a share `flagged` of clean photographs lies."""
    limits = {}
    for name, (_, low_is_bad) in MEASURES.items():
        values = [getattr(measured, name) for measured in clean]
        limits[name] = float(np.quantile(values, flagged if low_is_bad else 1 - flagged))
    return limits


def caught(clean: Sequence[Pixels], masks: Sequence[Mask | None]) -> Iterator[Caught]:
    """Spoil photographs in every way, one after the other, and count those that today's limits flag for it."""
    for name, (code, spoil) in SPOILINGS.items():
        yield _count(name, code, (spoil(pixels) for pixels in clean))
    frames = (
        frame for pixels, mask in zip(clean, masks, strict=True) if mask is not None for frame in shifted(pixels, mask)
    )
    yield _count(SHIFTED, "off_centre", frames)


def one_of_each_lesion(photographs: Sequence[Photograph], n: int, seed: int) -> list[Photograph]:
    """Draw `n` photographs, of as many lesions; the same seed draws the same."""
    first = {p.lesion_id: p for p in sorted(photographs, key=lambda p: p.image_id, reverse=True)}
    lesions = sorted(first.values(), key=lambda p: p.image_id)
    return random.Random(seed).sample(lesions, min(n, len(lesions)))  # noqa: S311 - a sample, not a secret


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the limits that flag a share of clean training photographs, and what today's limits flag."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.quality_thresholds", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the photographs, with the outlines of the lesions")
    parser.add_argument("--split", default="ham7-grouped", help="whose training part is drawn from")
    parser.add_argument("--photographs", type=int, default=600)
    parser.add_argument("--flagged", type=float, default=0.01, help="share of clean photographs beyond a limit")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    photographs = one_of_each_lesion(splits.for_training(chosen.split)[0], chosen.photographs, chosen.seed)
    clean = _read(photographs, chosen.data)
    masks = lesion_masks([p.image_id for p in photographs], chosen.data, QUALITY_PX)
    for line in table(clean, masks, chosen.flagged):
        sys.stdout.write(f"{line}\n")


def table(clean: Sequence[Pixels], masks: Sequence[Mask | None], flagged: float) -> Iterator[str]:
    """Yield the lines of the table; `masks` say where the lesions are, as far as that is known."""
    measured = [measure(pixels) for pixels in clean]
    yield f"{len(clean)} clean photographs: the limit that {flagged:.1%} of them pass, and what today's limit flags"
    for name, limit in clean_limits(measured, flagged).items():
        code = MEASURES[name][0]
        yield f"  {name:12} {limit:8.3f}   {code:12} {np.mean([code in faults(each) for each in measured]):6.2%}"
    yield f"  {'':12} {'':8}   {'any of them':12} {np.mean([bool(faults(each)) for each in measured]):6.2%}"
    yield "spoiled photographs that today's limits flag for what was done to them"
    for found in caught(clean, masks):
        yield f"  {found.spoiling:42} {found.code:12} {found.share:6.1%} of {found.n}"


def _read(photographs: Sequence[Photograph], data: Path) -> list[Pixels]:
    paths = index_images(data)
    squares = []
    for photograph in photographs:
        with Image.open(paths[photograph.image_id]) as image:
            squares.append(square_pixels(image, QUALITY_PX))
    return squares


def _count(name: str, code: str, spoiled: Iterator[Pixels]) -> Caught:
    flags = [code in faults(measure(pixels)) for pixels in spoiled]
    return Caught(name, code, len(flags), float(np.mean(flags)) if flags else float("nan"))


if __name__ == "__main__":
    main()
