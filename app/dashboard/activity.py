"""How many tests there were: by week, with and without an answer, and by which classifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.dashboard.counting import Activity, Version, summed
from app.dashboard.period import monday
from app.dashboard.sheets import Column, Row, Sheet, count, day

COLUMNS = (
    Column("Week from Monday"),
    Column("Answered", style=1),
    Column("Not accepted", style=2),
    Column("Hidden answers", role="text"),
)


@dataclass(frozen=True, slots=True)
class Totals:
    """Tests of a period; `hidden` ones have an answer that waits for the person's assessment."""

    answered: int
    refused: int
    hidden: int

    @property
    def tests(self) -> int:
        """All of them."""
        return self.answered + self.refused


def totals(rows: Sequence[Activity], *, blind: bool) -> Totals:
    """Count the tests; `blind` if answers are hidden from the person until the own assessment."""
    answered = sum(row.tests for row in rows if row.answered)
    hidden = sum(row.tests for row in rows if blind and row.answered and not row.assessed)
    return Totals(answered, sum(row.tests for row in rows) - answered, hidden)


def versions(rows: Sequence[Activity]) -> list[Version]:
    """Return the versions that were used, the one with the most tests first."""
    counted = summed((row.version, row.tests) for row in rows)
    return sorted(counted, key=lambda version: (-counted[version], version))


def by_week(rows: Sequence[Activity], *, blind: bool) -> Sheet:
    """Return the tests of every week from the first to the last that has any."""
    return Sheet("tests", "Tests per week", COLUMNS, tuple(_weeks(rows, blind=blind)))


def _weeks(rows: Sequence[Activity], *, blind: bool) -> Iterator[Row]:
    by_number = {week: list(found) for week, found in groupby(rows, key=lambda row: row.week)}
    for week in range(min(by_number, default=0), max(by_number, default=-1) + 1):
        found = totals(by_number.get(week, []), blind=blind)
        yield Row((day(monday(week)), count(found.answered), count(found.refused), count(found.hidden)))
