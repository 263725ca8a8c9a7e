"""``python -m models outline-evaluate``: choose limits on validation photographs, measure on test photographs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from models.evaluation.outlines import noise, report
from models.evaluation.outlines.agreement import Agreement, agreement
from models.evaluation.outlines.classical import CHANNELS, classical
from models.evaluation.outlines.figures import draw_all
from models.evaluation.outlines.limits import choose
from models.evaluation.outlines.observed import Traceable, observe, read_all, read_mask
from models.evaluation.refusal import pictures_of_other_things
from models.evaluation.report import rounded
from models.evaluation.subgroups import PROVENANCE
from models.preprocessing import square_pixels
from models.registry import OUTLINE
from models.segmentation.belief import Limits, find, verdict
from models.segmentation.card import OutlineCard, read_card, write_card
from models.segmentation.data import index_masks
from models.segmentation.outliner import LiteRtOutliner
from models.training import splits
from models.training.data import index_images
from models.training.splits import Photograph
from models.training.tables import rows_of

LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
TRIED = 400  # validation photographs on which level and channel are chosen
KEPT = "test.csv"


def evaluate(folder: Path, data: Path, outliner: Traceable | None = None) -> OutlineCard:
    """Choose level and limits, measure, write the card and what is kept of each photograph; return the card.

    `outliner` is measured instead of the one in the folder, which the card goes to.
    """
    outliner = LiteRtOutliner.load(folder, threads=1) if outliner is None else outliner
    split = str(outliner.card.training["split"])
    _, validation = splits.for_training(split)
    tried = validation[:: max(1, len(validation) // TRIED)]
    level = best_level(outliner, tried, data)
    learned = observe(outliner, validation, data, level, "validation")
    limits = choose(learned, level)
    tested = observe(outliner, splits.for_testing(split), data, level, "test")
    before = noise.pairs(learned, limits), noise.copies(outliner, learned, data, limits)
    after = noise.pairs(tested, limits), noise.copies(outliner, tested, data, limits)
    noises = noise.noise_limits(*before)
    metrics = {
        **report.of_all(tested),
        "accepted": report.of_all([each for each in tested if not each.refused(limits)]),
        "classical": floor(tried, [each.photograph for each in tested], data, outliner.card.input_px),
        "refusal": report.refusals(tested, limits),
        "refusal_of_other_things": refusal_of_other_things(outliner, data, limits),
        "cut_by_the_rim": float(np.mean([each.experts_on_rim > limits.most_on_rim for each in tested])),
        "native_px": report.groups(tested, {r["image_id"]: r["native_px"] for r in rows_of(data, PROVENANCE)}),
        "like_experts": report.measures_like_experts(tested, limits),
        "repeatability": noise.repeatability(noises, *after),
    }
    card = replace(
        outliner.card,
        limits=asdict(limits),
        noise={name: _without_name(each) for name, each in noises.items()},
        metrics={**outliner.card.metrics, split: rounded(metrics)},
    )
    _keep(folder / KEPT, report.rows(tested, limits))
    write_card(folder, card)
    return card


def draw(folder: Path, docs: Path) -> None:
    """Draw the pictures of an evaluated network into ``docs/models/outline``."""
    with (folder / KEPT).open(newline="") as file:
        draw_all(docs / "models" / OUTLINE, read_card(folder), list(csv.DictReader(file)))


def best_level(outliner: Traceable, photographs: Sequence[Photograph], data: Path) -> float:
    """Return which of `LEVELS` agrees best with the experts, by the mean Jaccard index."""
    found: dict[float, list[float]] = {level: [] for level in LEVELS}
    for pixels, mask in _squares(photographs, data, outliner.card.input_px, "level"):
        shares = outliner.shares(pixels)
        for level, indices in found.items():
            indices.append(_agreed(find(shares, level), mask, len(pixels)).jaccard)
    return max(LEVELS, key=lambda level: np.mean(found[level]))


def floor(tried: Sequence[Photograph], tested: Sequence[Photograph], data: Path, px: int) -> dict[str, Any]:
    """Return what the method without a network reaches, by the channel that is best on the photographs `tried`."""
    found: dict[str, list[float]] = {channel: [] for channel in CHANNELS}
    for pixels, mask in _squares(tried, data, px, "channels"):
        for channel, indices in found.items():
            indices.append(_agreed(classical(pixels, channel), mask, px).jaccard)
    channel = max(CHANNELS, key=lambda name: np.mean(found[name]))
    agreed = [_agreed(classical(pixels, channel), mask, px) for pixels, mask in _squares(tested, data, px, channel)]
    return {"channel": channel, **report.figures(agreed, [photograph.lesion_id for photograph in tested])}


def refusal_of_other_things(outliner: Traceable, data: Path, limits: Limits) -> dict[str, Any] | None:
    """Return how often pictures of other things get no outline; None if there are no such pictures."""
    paths = pictures_of_other_things(data)
    codes = [
        verdict(find(outliner.shares(square_pixels(image, outliner.card.input_px)), limits.level), limits)
        for image in read_all(paths)
    ]
    return {"n": len(codes), "rate": float(np.mean([code is not None for code in codes]))} if codes else None


def _squares(photographs: Sequence[Photograph], data: Path, px: int, title: str) -> Any:
    images, masks = index_images(data), index_masks(data)
    for photograph in tqdm(photographs, title, unit="photograph"):
        (image,) = read_all([images[photograph.image_id]])
        yield square_pixels(image, px), read_mask(masks[photograph.image_id])


def _agreed(found: Any, mask: Any, px: int) -> Agreement:
    return agreement(None if found is None else found.polygon * len(mask) / px, mask)


def _without_name(noise: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(noise).items() if name != "measure"}


def _keep(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
