"""All classifiers at a glance, by task: what each reached on the test photographs of the split it was trained for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.classifiers.grid import Cell, count, figure
from app.classifiers.measured import leak_in_short, own_figures
from app.classifiers.wording import TASKS, where
from app.inference import Card

MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """One classifier; `leak` says briefly why figures flatter, `size` is None where the network's file is missing."""

    card: Card
    is_default: bool
    split: str
    place: str
    leak: str | None
    photographs: Cell
    accuracy: Cell
    balanced_accuracy: Cell
    malignant_auc: Cell
    size: str | None

    @property
    def measured(self) -> bool:
        """Whether there is any figure."""
        return bool(own_figures(self.card))


def overview(
    cards: Sequence[Card], sizes: Mapping[str, int | None], default: str
) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Return task in words -> its classifiers, the default one first; `sizes` are those of the networks, in bytes."""
    rows = [_row(card, sizes.get(card.name), is_default=card.name == default) for card in cards]
    rows.sort(key=lambda row: not row.is_default)
    tasks = dict.fromkeys(row.card.task.name for row in rows)
    return tuple((TASKS.get(task, task), tuple(row for row in rows if row.card.task.name == task)) for task in tasks)


def megabytes(size: int | None) -> str | None:
    """Write a size; None stays None."""
    return None if size is None else f"{size / MEGABYTE:.1f} MB"


def _row(card: Card, size: int | None, *, is_default: bool) -> Row:
    found, split = own_figures(card), str(card.training.get("split", ""))
    return Row(
        card=card,
        is_default=is_default,
        split=split,
        place=where(split),
        leak=leak_in_short(found),
        photographs=count("n", found),
        accuracy=figure("accuracy", found),
        balanced_accuracy=figure("balanced_accuracy", found),
        malignant_auc=figure("malignant_auc", found),
        size=megabytes(size),
    )
