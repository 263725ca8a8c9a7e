"""Whether the answer holds when the same lesion is seen turned, mirrored, or in other light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from models.evaluation.metrics import Sample
from models.evaluation.predictions import Measurable, Pixels, Predictions, predict_squares
from models.evaluation.ranking import Flags

BRIGHTNESS = 0.1


def _brighter(by: float) -> Callable[[Pixels], Pixels]:
    return lambda pixels: np.clip(pixels * (1 + by), 0, 255).round().astype(np.uint8)


# squares (n, px, px, 3) -> squares; none of them changes what the lesion is
VIEWS: Mapping[str, Callable[[Pixels], Pixels]] = MappingProxyType(
    {
        "mirrored left to right": lambda pixels: pixels[:, :, ::-1],
        "mirrored top to bottom": lambda pixels: pixels[:, ::-1],
        "turned by 90 degrees": lambda pixels: np.rot90(pixels, 1, axes=(1, 2)),
        "turned by 180 degrees": lambda pixels: np.rot90(pixels, 2, axes=(1, 2)),
        "turned by 270 degrees": lambda pixels: np.rot90(pixels, 3, axes=(1, 2)),
        "10 % darker": _brighter(-BRIGHTNESS),
        "10 % brighter": _brighter(BRIGHTNESS),
    }
)


def flip_rate(
    classifier: Measurable, predictions: Predictions, pixels: Pixels, threshold: float | None = None
) -> dict[str, Any]:
    """Return the share of lesions whose most probable class changes under any of `VIEWS`, and under each.

    One photograph stands for each lesion, the first by id. With a `threshold` on malignancy, the share whose
    side (malignant or benign) changes is returned too; Young et al. (npj Digital Medicine 4:10, 2021) find
    6.5 to 22 % for it under simple transformations.
    """
    first = first_of_each_lesion(predictions)
    chosen, squares = predictions.where(first), pixels[first]
    views = {
        name: Sample.whole(chosen.task, chosen.labels, predict_squares(classifier, view(squares), name))
        for name, view in VIEWS.items()
    }
    plain = chosen.sample
    changed = {name: view.predicted != plain.predicted for name, view in views.items()}
    found: dict[str, Any] = {
        "lesions": len(chosen),
        "class_changes": _any(changed),
        "by_view": _each(changed),
    }
    if threshold is not None:
        sides = {n: (v.malignancy >= threshold) != (plain.malignancy >= threshold) for n, v in views.items()}
        found["side_changes"] = _any(sides)
    return found


def first_of_each_lesion(predictions: Predictions) -> Flags:
    """Return which photographs (n,) are the first of their lesion by image id."""
    order = sorted(range(len(predictions)), key=lambda i: predictions.photographs[i].image_id)
    first = {predictions.lesions[i]: i for i in reversed(order)}
    return np.isin(np.arange(len(predictions)), list(first.values()))


def _any(changed: Mapping[str, Flags]) -> float:
    return float(np.mean(np.any(list(changed.values()), axis=0)))


def _each(changed: Mapping[str, Flags]) -> dict[str, float]:
    return {name: float(np.mean(flags)) for name, flags in changed.items()}
