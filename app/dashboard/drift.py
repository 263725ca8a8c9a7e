"""Drift: how far the clinic's answers differ from those to the test photographs that the classifier was measured on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.dashboard.counting import Answered, Spread, summed
from app.dashboard.period import monday
from app.dashboard.reference import Reference
from app.dashboard.sheets import NOT_KNOWN, Cell, Column, Row, Sheet, count, text
from app.inference import Label

LEAST = 50  # answers from which an index says something: about 5 are expected in the rarest bin
RAREST = 0.05  # share of the reference that each bin must hold; neighbours are joined until they do
SMALL, LARGE = 0.1, 0.25  # the usual reading (Siddiqi, Credit Risk Scorecards, 2006)
Z_95 = 1.6448536269514722  # the normal distribution's 95 % point
HALF = 0.5  # added to every count, so that an empty bin has a logarithm
COLUMNS = (
    Column("Compared"),
    Column("Answers"),
    Column("Test photographs"),
    Column("Stability index"),
    Column("By chance, at most"),
    Column("Reading"),
)
MONTHLY = (
    Column("Month"),
    Column("Stability index", style=1),
    Column("By chance, at most", role="reference"),
    Column("Answers", role="text"),
)


@dataclass(frozen=True, slots=True)
class Drift:
    """A population stability index; `chance` is what it stays below in 95 % of samples from the same distribution."""

    index: float
    chance: float

    @property
    def reading(self) -> str:
        """The index in words."""
        if self.index <= self.chance:
            return "No more than chance"
        if self.index < SMALL:
            return "Small shift"
        return "Moderate shift" if self.index < LARGE else "Marked shift"


def drift(found: Sequence[int], expected: Sequence[int]) -> Drift:
    """Compare counts in the same bins.

    With the shares a and e: Σ (a - e) ln(a / e). Divided by 1/n + 1/m it is distributed as χ² with one degree of
    freedom less than there are bins, if nothing has changed (Yurdakul and Naranjo, J. Risk Model Validation 14, 2020);
    half a case is added to each bin.
    """
    shares = [[(count + HALF) / (sum(counts) + HALF * len(counts)) for count in counts] for counts in (found, expected)]
    index = sum((a - e) * math.log(a / e) for a, e in zip(*shares, strict=True))
    return Drift(index, chi_squared_95(len(found) - 1) * (1 / sum(found) + 1 / sum(expected)))


def chi_squared_95(degrees: int) -> float:
    """Return the 95 % point of χ², within 1 % from two degrees on (Wilson and Hilferty, PNAS 17, 1931)."""
    ninth = 2 / (9 * degrees)
    return float(degrees * (1 - ninth + Z_95 * math.sqrt(ninth)) ** 3)


def drift_sheet(answers: Sequence[Answered], labels: Sequence[Label], reference: Reference) -> Sheet:
    """Return what can be compared with the test photographs; no row where the card has nothing to compare with."""
    rows = tuple(_indices(answers, labels, reference))
    return Sheet("drift", "Compared with the test photographs", COLUMNS, rows)


def drift_by_month(spreads: Sequence[Spread], reference: Reference) -> Sheet:
    """Return the index of the malignancies by month, a week in its Monday's; no row if no month has enough answers."""
    months: dict[date, list[Spread]] = {}
    for found in sorted(spreads):
        months.setdefault(monday(found.week).replace(day=1), []).append(found)
    rows = [_month(first, found, reference.bins) for first, found in months.items() if reference.bins is not None]
    if all(NOT_KNOWN in row.cells for row in rows):
        rows = []
    return Sheet("drift-by-month", "Stability index of the malignancy, by month", MONTHLY, tuple(rows))


def joined(found: Sequence[int], expected: Sequence[int]) -> tuple[list[int], list[int]]:
    """Join neighbouring bins, from the left, until each holds its share of what is expected."""
    least, pairs = RAREST * sum(expected), [[0, 0]]
    for seen, awaited in zip(found, expected, strict=True):
        if pairs[-1][1] >= least:
            pairs.append([0, 0])
        pairs[-1][0] += seen
        pairs[-1][1] += awaited
    if pairs[-1][1] < least and len(pairs) > 1:
        seen, awaited = pairs.pop()
        pairs[-1][0] += seen
        pairs[-1][1] += awaited
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _indices(answers: Sequence[Answered], labels: Sequence[Label], reference: Reference) -> Iterator[Row]:
    if reference.bins is not None:
        bins = summed((answer.bin, answer.tests) for answer in answers)
        yield _row("Malignancy", *joined([bins[number] for number in range(len(reference.bins))], reference.bins))
    if reference.classes is not None:
        classes = summed((answer.label, answer.tests) for answer in answers)
        codes = [label.code for label in labels]
        yield _row("Classes", [classes[code] for code in codes], [reference.classes[code] for code in codes])


def _month(first: date, spreads: Sequence[Spread], expected: Sequence[int]) -> Row:
    bins = summed((found.bin, found.tests) for found in spreads)
    month, answers = text(f"{first:%b %Y}"), count(bins.total())
    if bins.total() < LEAST:
        return Row((month, NOT_KNOWN, NOT_KNOWN, answers))
    measured = drift(*joined([bins[number] for number in range(len(expected))], expected))
    return Row((month, _index(measured.index), _index(measured.chance), answers))


def _row(name: str, found: Sequence[int], expected: Sequence[int]) -> Row:
    cells = (text(name), count(sum(found)), count(sum(expected)))
    if sum(found) < LEAST:
        return Row((*cells, NOT_KNOWN, NOT_KNOWN, text(f"From {LEAST} answers on")), faint=True)
    measured = drift(found, expected)
    return Row((*cells, _index(measured.index), _index(measured.chance), text(measured.reading)))


def _index(value: float) -> Cell:
    return Cell(f"{value:.3f}", value)
