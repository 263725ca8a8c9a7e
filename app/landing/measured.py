"""What the landing page says of a classifier's quality: only what its card says was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.inference import Card

WORDS = {
    "accuracy": ("Right class", "of all photographs were given the right one of the {classes} classes"),
    "balanced_accuracy": ("Right class, mean over classes", "when the rare classes count as much as the common one"),
    "malignant_auc": (
        "Malignant above benign",
        "of pairs of one malignant and one benign lesion are put in that order",
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured share with its 95 % interval, all in [0, 1], and the words around it."""

    name: str
    meaning: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A classifier's title and version, the split and the size of its test fold, and the figures found there."""

    title: str
    version: str
    split: str
    photographs: int | None
    figures: tuple[Figure, ...]


def measured(cards: Sequence[Card], name: str) -> Measured | None:
    """Return what was measured of the classifier called `name`; None if it has no card, or one without figures."""
    card = next((card for card in cards if card.name == name), None)
    figures = () if card is None else _figures(card)
    if card is None or not figures:
        return None
    split = str(card.training["split"])
    return Measured(card.title, card.version, split, card.metrics[split].get("n"), figures)


def _figures(card: Card) -> tuple[Figure, ...]:
    found = []
    for metric, (name, meaning) in WORDS.items():
        interval = card.held_out(metric)
        if interval is not None:
            words = meaning.format(classes=len(card.classes))
            found.append(Figure(name, words, interval.value, interval.low, interval.high))
    return tuple(found)
