"""What a clinic's answers are held against: those to the test photographs of the classifier, from its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.dashboard.counting import Version
from app.inference import SPREAD_EDGES, Card
from app.results.measurement import held_out_figures


@dataclass(frozen=True, slots=True)
class Reference:
    """Counts on the test photographs: by answered class, by bin of `SPREAD_EDGES`; `refused` is a share in [0, 1].

    Each is None where it is not on the card.
    """

    classes: dict[str, int] | None
    bins: tuple[int, ...] | None
    refused: float | None


def card_of(cards: Sequence[Card], version: Version) -> Card | None:
    """Return the card of a version; None if it is not installed."""
    return next((card for card in cards if (card.name, card.version) == version), None)


def reference(card: Card | None) -> Reference:
    """Return what is known of a card's held-out test photographs."""
    figures = {} if card is None else held_out_figures(card)
    spread, refusals = figures.get("spread", {}), figures.get("controls", {}).get("refused_lesions", {})
    same_bins = tuple(spread.get("edges", ())) == SPREAD_EDGES
    return Reference(
        None if card is None or "confusion" not in figures else _answered(card, figures["confusion"]),
        tuple(spread["counts"]) if same_bins else None,
        refusals.get("rate"),
    )


def _answered(card: Card, confusion: list[list[int]]) -> dict[str, int]:
    """Return how often each class was answered: the sums of the columns."""
    return {code: sum(row[column] for row in confusion) for column, code in enumerate(card.classes)}
