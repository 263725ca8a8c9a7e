"""What was answered: the classes, and how malignancies are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.dashboard.counting import Answered, summed
from app.dashboard.reference import Reference
from app.dashboard.sheets import Cell, Column, Row, Sheet, count, share, text
from app.inference import SPREAD_EDGES, Label
from app.results.wording import SPACE

WIDTH = 0.05  # of a bar
BARS = round(1 / WIDTH)
FINE = sum(edge < WIDTH for edge in SPREAD_EDGES)  # bins are finer than bars below the first bar's end
TEST_PHOTOGRAPHS = "Test photographs"


def by_class(answers: Sequence[Answered], labels: Sequence[Label], reference: Reference) -> Sheet:
    """Return how often each class was answered, beside the test photographs."""
    tests = summed((answer.label, answer.tests) for answer in answers)
    expected = reference.classes or {}
    columns = (
        Column("Class"),
        Column("Answers", role="text"),
        Column("Share of answers", style=1),
        Column(TEST_PHOTOGRAPHS, style=2),
    )
    rows = (
        Row(
            (
                text(label.name, short=label.code),
                count(tests[label.code]),
                _part(tests, label.code),
                _part(expected, label.code),
            )
        )
        for label in labels
    )
    return Sheet("classes", "Classes answered", columns, tuple(rows))


def by_malignancy(answers: Sequence[Answered], reference: Reference) -> Sheet:
    """Return how malignancies are spread, in bars of equal width, beside the test photographs."""
    tests = summed((bar_of(answer.bin), answer.tests) for answer in answers)
    expected = summed((bar_of(number), found) for number, found in enumerate(reference.bins or ()))
    columns = (
        Column("Malignancy"),
        Column("Answers", role="text"),
        Column("Share of answers", style=1),
        Column(TEST_PHOTOGRAPHS, role="reference"),
    )
    rows = (Row((_range(bar), count(tests[bar]), _part(tests, bar), _part(expected, bar))) for bar in range(BARS))
    return Sheet("malignancy", "Malignancy of the answers", columns, tuple(rows))


def bar_of(number: int) -> int:
    """Return in which bar a bin of `SPREAD_EDGES` lies."""
    return max(0, number - FINE)


def _part(counts: Mapping[Any, int], key: str | int) -> Cell:
    """Return a part of a whole as a cell; of nothing there is no part."""
    whole = sum(counts.values())
    return share(counts.get(key, 0) / whole if whole else None)


def _range(bar: int) -> Cell:
    low, high = (round((bar + more) * WIDTH * 100) for more in (0, 1))
    return Cell(f"{low} to {high}{SPACE}%", round(bar * WIDTH, 2))
