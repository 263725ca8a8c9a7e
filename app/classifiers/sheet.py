"""The page of one classifier, put together from its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.classifiers.learning import Learning, learning
from app.classifiers.measured import Measured, measured
from app.classifiers.overview import megabytes
from app.classifiers.wording import ORDINALS, architecture, spoken
from app.inference import Card

LEFT_OUT = frozenset({"history", "further_members"})  # the learning curve is drawn, further networks told by themselves


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is shown beside the card itself; `size` is None where the network's file is missing."""

    size: str | None
    architecture: str
    training: tuple[tuple[str, str], ...]
    learning: tuple[Learning, ...]
    measured: tuple[Measured, ...]


def sheet(card: Card, size: int | None) -> Sheet:
    """Put a card into words and tables; the split that the classifier was trained for comes first."""
    own = str(card.training.get("split"))
    splits = sorted(card.metrics, key=lambda split: (split != own, split))
    return Sheet(
        size=megabytes(size),
        architecture=architecture(card.architectures),
        training=tuple(_training(card.training)),
        learning=learning(card),
        measured=tuple(measured(card, split) for split in splits),
    )


def _training(training: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in training.items():
        if name not in LEFT_OUT:
            yield spoken(name), _told(value)
    for nth, further in zip(ORDINALS[1:], training.get("further_members", ()), strict=False):
        other = {name: value for name, value in further.items() if name not in LEFT_OUT and value != training.get(name)}
        yield f"The {nth} network", f"as the first, but {_told(other)}" if other else "as the first"


def _told(value: Any) -> str:
    """Say a fact of the card in a sentence's part."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {_told(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_told(part) for part in value)
    return str(value)
