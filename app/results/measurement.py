"""How well a classifier did on photographs that it was not trained on, in words, from its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.inference import Card
from app.results.wording import SPACE

UNSEEN = "lesions never seen in training"
LEAKY = "split by photograph, so that some of the lesions were seen in training too"
SPLITS = MappingProxyType(
    {
        "ham7-grouped": f"HAM10000, {UNSEEN}",
        "binary-ham": f"HAM10000, {UNSEEN}",
        "ham7-random": f"HAM10000, {LEAKY}",
        "binary-grouped": f"Kaggle “Skin Cancer: Malignant vs. Benign”, {UNSEEN}",
        "binary-stock": f"Kaggle “Skin Cancer: Malignant vs. Benign”, {LEAKY}",
    }
)
SHARES = MappingProxyType({"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy"})
AREAS = MappingProxyType({"macro_auc": "AUC, mean of the classes", "malignant_auc": "AUC, malignant or benign"})
NOT_MEASURED = "How often this version is right is not on record here."
NOT_HELD_OUT = (
    "This version was measured only on photographs of lesions that its training may have seen: such figures say "
    "nothing about new patients, and are left out."
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its name."""

    name: str
    value: str


def measurement(card: Card | None) -> tuple[str, tuple[Fact, ...]]:
    """Return what was measured on, and the figures with their 95 % intervals; no figure is made up for one missing."""
    figures = () if card is None else (*_shares(card), *_areas(card))
    if card is None or not figures:
        return NOT_HELD_OUT if card is not None and card.metrics else NOT_MEASURED, ()
    return measured_on(card), figures


def measured_on(card: Card) -> str:
    """Say what the figures of a card were measured on, and what stands in brackets behind them."""
    split = str(card.training.get("split"))
    n = held_out_figures(card).get("n")
    photographs = f"{n:,} photographs" if isinstance(n, int) else "photographs"
    data = SPLITS.get(split, f"held-out data, {split}")
    return f"Measured on {photographs} ({data}); in brackets the 95{SPACE}% interval."


def held_out_figures(card: Card) -> Mapping[str, Any]:
    """Return the figures of the split that a classifier was trained for; empty unless its test part was held out."""
    if card.held_out("accuracy") is None:
        return {}
    return card.metrics[str(card.training.get("split"))]


def _shares(card: Card) -> tuple[Fact, ...]:
    found = ((name, card.held_out(metric)) for metric, name in SHARES.items())
    return tuple(
        Fact(name, f"{at.value * 100:.1f}{SPACE}% ({at.low * 100:.1f} to {at.high * 100:.1f})")
        for name, at in found
        if at is not None
    )


def _areas(card: Card) -> tuple[Fact, ...]:
    found = ((name, card.held_out(metric)) for metric, name in AREAS.items())
    return tuple(Fact(name, f"{at.value:.3f} ({at.low:.3f} to {at.high:.3f})") for name, at in found if at is not None)
