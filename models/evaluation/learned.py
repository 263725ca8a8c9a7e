"""Which test lesions a classifier has learned from: what it scores on them is no held-out figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.card import Card
from models.training import splits
from models.training.splits import Photograph, SplitError

REFUSE, LEAVE_OUT, MARK = "refuse", "leave-out", "mark"  # what can be done about such lesions


class LeakError(SplitError):
    """A classifier was to be measured on lesions that it learned from."""


def without_learned(
    card: Card, split: str, photographs: Sequence[Photograph], seen_lesions: str = REFUSE
) -> list[Photograph]:
    """Return the photographs to measure a classifier on.

    Where the split is the one it was trained for, its leak is the protocol's, and stays. On any other, lesions that
    training or validation saw are refused with a LeakError, left out, or measured to be marked.
    """
    learned = learned_from(card, split, photographs)
    if is_own(card, split) or not learned or seen_lesions == MARK:
        return list(photographs)
    if seen_lesions == LEAVE_OUT:
        return [photograph for photograph in photographs if photograph.lesion_id not in learned]
    lesions = len({photograph.lesion_id for photograph in photographs})
    raise LeakError(
        f"{card.name} was trained or tuned on {len(learned):,} of the {lesions:,} test lesions of {Path(split).stem}: "
        f"--seen-lesions {LEAVE_OUT} measures on the others, --seen-lesions {MARK} on all, marked as leaking"
    )


def lesions_learned_from(card: Card, split: str, photographs: Sequence[Photograph]) -> int | None:
    """Count the measured lesions that training or validation saw; None if the split of the training is not known."""
    learned = learned_from(card, split, photographs)
    return None if learned is None else len(learned)


def learned_from(card: Card, split: str, photographs: Sequence[Photograph]) -> set[str] | None:
    """Return the lesions among the photographs' that training or validation saw; None if that is not known."""
    try:
        parts = splits.for_training(split if is_own(card, split) else str(card.training.get("split")))
    except FileNotFoundError:
        return None
    seen = [photograph for part in parts for photograph in part]
    images, lesions = {photograph.image_id for photograph in seen}, {photograph.lesion_id for photograph in seen}
    return {p.lesion_id for p in photographs if p.image_id in images or p.lesion_id in lesions}


def is_own(card: Card, split: str) -> bool:
    """Tell whether a split is the one that the classifier was trained for."""
    return card.training.get("split") == Path(split).stem
