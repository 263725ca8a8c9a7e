"""The table that a sweep ends with: validation figures of every cell, the best in bold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one cell of the grid reached on the validation photographs, and after which epoch."""

    dropout: float
    batch: int
    share: int
    epoch: int
    accuracy: float
    balanced_accuracy: float


def to_markdown(name: str, outcomes: Sequence[Outcome], measured: int) -> str:
    """Return the table as Markdown, and below it on how many photographs the figures were `measured`."""
    best = max((o.accuracy for o in outcomes), default=0.0)
    best_balanced = max((o.balanced_accuracy for o in outcomes), default=0.0)
    rows = [
        f"| {o.dropout} | {o.batch} | {o.share} % | {_figure(o.accuracy, best)} "
        f"| {_figure(o.balanced_accuracy, best_balanced)} | {o.epoch} |\n"
        for o in outcomes
    ]
    return f"""# {name}: dropout, batch and training share

| dropout | batch | training share | validation accuracy | validation balanced accuracy | epoch |
| --- | --- | --- | --- | --- | --- |
{"".join(rows)}
Every figure is of the same {measured:,} validation photographs; one standard error of the best accuracy is
{100 * _standard_error(best, measured):.1f} points. No test photograph was looked at.
"""


def _figure(value: float, best: float) -> str:
    return f"**{value:.4f}**" if value == best else f"{value:.4f}"


def _standard_error(share: float, count: int) -> float:
    return (share * (1 - share) / count) ** 0.5 if count else 0.0
