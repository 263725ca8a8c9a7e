"""Whether the answer holds when the same lesion is seen turned, mirrored, or in other light."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from models.card import Card
from models.evaluation.predictions import Measurable, Pixels, Predictions, predict_squares
from models.evaluation.ranking import Flags, Floats
from models.evaluation.sample import Sample
from models.prediction import Prediction

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


PLAIN = "as it is"
# A network that answers the mean over a picture and its mirror images (see `models.views`) is shown the same pictures
# here. That of eight views is so too, but a turn swaps what it sees in full light with what it sees dimmed. Two that
# share the views are each shown the same by half a turn, and swap them in a mirror.
SAME_TO_TWO: Mapping[str, str] = MappingProxyType(
    {
        "mirrored top to bottom": "mirrored left to right",
        "turned by 180 degrees": PLAIN,
        "turned by 270 degrees": "turned by 90 degrees",
    }
)
SAME_TO_ONE: Mapping[str, str] = MappingProxyType(
    {**SAME_TO_TWO, "mirrored left to right": PLAIN, "mirrored top to bottom": PLAIN}
)


def flip_rate(
    classifier: Measurable, predictions: Predictions, pixels: Pixels, threshold: float | None = None
) -> dict[str, Any]:
    """Return the share of lesions whose most probable class changes under any of `VIEWS`, and under each.

    One photograph stands for each lesion: `predictions` and `pixels` (n, px, px, 3) have one of each. The accuracy of
    each view is returned too and, with a `threshold` on malignancy, the share whose side (malignant or benign)
    changes; Young et al. (npj Digital Medicine 4:10, 2021) find 6.5 to 22 % for it under simple transformations.
    """
    plain = predictions.sample
    views = {name: replace(plain, probabilities=shares) for name, shares in _seen(classifier, plain, pixels).items()}
    changed = {name: view.predicted != plain.predicted for name, view in views.items()}
    found: dict[str, Any] = {
        "lesions": len(predictions),
        "class_changes": _any(changed),
        "by_view": _each(changed),
        "accuracy_by_view": _each({name: view.predicted == view.labels for name, view in views.items()}),
    }
    if threshold is not None:
        sides = {n: (v.malignancy >= threshold) != (plain.malignancy >= threshold) for n, v in views.items()}
        found |= {"side_changes": _any(sides), "side_by_view": _each(sides)}
    return found


def served_views(answers: Sequence[Prediction]) -> dict[str, Any] | None:
    """Return how many views the product looks at, and in what share of photographs any changes the answer.

    None if it looks at none.
    """
    views = max(answer.views for answer in answers)
    if not views:
        return None
    return {"n": len(answers), "views": views, "any_changed": float(np.mean([a.views_changed > 0 for a in answers]))}


def _seen(classifier: Measurable, plain: Sample, pixels: Pixels) -> dict[str, Floats]:
    """Return the probabilities (n, classes) by view; none is asked twice."""
    same = _same(classifier.card)
    seen = {PLAIN: plain.probabilities}
    for name, view in VIEWS.items():
        known = seen.get(same.get(name, ""))
        seen[name] = predict_squares(classifier, view(pixels), name) if known is None else known
    return {name: seen[name] for name in VIEWS}


def _same(card: Card) -> Mapping[str, str]:
    if card.views == 1:
        return {}
    return SAME_TO_ONE if card.members == 1 else SAME_TO_TWO


def _any(changed: Mapping[str, Flags]) -> float:
    return float(np.mean(np.any(list(changed.values()), axis=0)))


def _each(flags: Mapping[str, Flags]) -> dict[str, float]:
    return {name: float(np.mean(of_view)) for name, of_view in flags.items()}
