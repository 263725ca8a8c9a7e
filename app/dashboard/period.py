"""The period that is looked at: whole weeks, Monday to Sunday, UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

WEEK = timedelta(weeks=1)
FIRST_MONDAY = date(1970, 1, 5)
# periods that end with the present week -> whole weeks before it
LENGTHS: Mapping[str, int] = MappingProxyType({"4w": 4, "3m": 13, "12m": 52})
ALL, OWN = "all", "own"
USUAL = "12m"


@dataclass(frozen=True, slots=True)
class Period:
    """From the week `first` (None: from the beginning) to the week `last`, both included; see `week_of`."""

    first: int | None
    last: int

    @property
    def begins(self) -> date | None:
        """The first day."""
        return None if self.first is None else monday(self.first)

    @property
    def ends(self) -> date:
        """The last day."""
        return monday(self.last + 1) - timedelta(days=1)


def last_weeks(count: int, today: date) -> Period:
    """Return so many whole weeks and the present one."""
    present = _number(today)
    return Period(present - count, present)


def between(first: date | None, last: date | None, today: date) -> Period:
    """Return the weeks that hold the days from `first` to `last`; None leaves that end open."""
    return Period(None if first is None else _number(first), _number(last or today))


def week_of(moment: datetime) -> int:
    """Return the number of a moment's week, counted from the first Monday of 1970."""
    return _number(moment.astimezone(UTC).date())


def monday(week: int) -> date:
    """Return the first day of a week."""
    return FIRST_MONDAY + week * WEEK


def _number(day: date) -> int:
    return (day - FIRST_MONDAY) // WEEK
