"""The classifiers that a form offers, in words: what each tells apart, and its balanced accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs

from app.inference import Card
from app.results.wording import COUNTS, percent

DEFAULT = " (default)"


def classifier_choices(cards: Sequence[Card], default: str) -> list[SelectChoice]:
    """Return the default first, then the others: those of more classes first, and of these the better one.

    The default is offered even if it has no card: what is sent then says that it is not available.
    """
    others = sorted((card for card in cards if card.name != default), key=_rank)
    first = next((_words(card) for card in cards if card.name == default), default)
    return [SelectChoice(default, first + DEFAULT), *(SelectChoice(card.name, _words(card)) for card in others)]


def _words(card: Card) -> str:
    measured = card.held_out("balanced_accuracy")
    figure = "not measured on unseen lesions" if measured is None else percent(measured.value)
    return f"{card.title}, {COUNTS[len(card.classes)]} classes: {figure}"  # short: phones cut off what is longer


def _rank(card: Card) -> tuple[int, float, str]:
    measured = card.held_out("balanced_accuracy")
    return -len(card.classes), 0.0 if measured is None else -measured.value, card.title
