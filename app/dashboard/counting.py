"""Counts of a clinic's tests in whole weeks, read from the tallies: one query for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.dashboard.period import Period
from app.dashboard.tables import NO_ANSWER, NO_VERDICT, Tally, WeeklyAnswers, WeeklyDurations, WeeklyVerdicts

MEDIAN, LATE = 0.5, 0.95  # nearest ranks

Key = TypeVar("Key", bound=Hashable)


class Version(NamedTuple):
    """One version of one classifier."""

    name: str
    number: str

    @property
    def key(self) -> str:
        """How it stands in an address."""
        return f"{self.name}:{self.number}"


class Activity(NamedTuple):
    """Tests of one week by one version, with or without an answer; `assessed` if somebody has given a verdict."""

    week: int
    version: Version
    answered: bool
    assessed: bool
    tests: int


class Answered(NamedTuple):
    """How often a class was answered with a malignancy in a bin of `SPREAD_EDGES`."""

    label: str
    bin: int
    tests: int


class Spread(NamedTuple):
    """How often a week's answers had a malignancy in a bin of `SPREAD_EDGES`."""

    week: int
    bin: int
    tests: int


class Judged(NamedTuple):
    """Tests with the same answer (or NO_ANSWER) and the same verdicts (or NO_VERDICT); `malignancy` is their sum."""

    label: str
    bin: int
    alerted: int
    assessment: str
    diagnosis: str
    tests: int
    malignancy: float


class Timed(NamedTuple):
    """Milliseconds that half of the tests of a week, and 95 of 100, did not exceed; each is one that occurred."""

    week: int
    median: int
    late: int
    tests: int


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom tests are counted, all of the person's clinic, and of which weeks."""

    user: User
    period: Period


def activity(session: Session, scope: Scope) -> Sequence[Activity]:
    """Return the tests by week and version, the earliest week first."""
    table = WeeklyAnswers
    keys = (table.week, table.model_name, table.model_version, table.outcome != NO_ANSWER, table.assessed)
    rows = session.execute(_tests(scope, table, *keys).order_by(table.week))
    return [Activity(week, Version(name, number), *rest) for week, name, number, *rest in rows]


def answers(session: Session, scope: Scope, version: Version) -> Sequence[Answered]:
    """Return what a version answered, as far as the person may see it."""
    keys = WeeklyAnswers.outcome, WeeklyAnswers.bin
    return [Answered._make(row) for row in session.execute(_shown(scope, version, *keys))]


def spreads(session: Session, scope: Scope, version: Version) -> Sequence[Spread]:
    """Return how the malignancies of a version's answers were spread, by week, as far as the person may see them."""
    keys = WeeklyAnswers.week, WeeklyAnswers.bin
    return [Spread._make(row) for row in session.execute(_shown(scope, version, *keys))]


def judgements(session: Session, scope: Scope, version: Version) -> Sequence[Judged]:
    """Return what a version answered and what verdicts there are, as far as the person may see both."""
    table = WeeklyVerdicts
    keys = (table.outcome, table.bin, table.alerted, table.assessment, table.diagnosis)
    rows = _of_version(_tests(scope, table, *keys), table, version).add_columns(func.sum(table.malignancy))
    if scope.user.blind:
        rows = rows.where(or_(table.outcome == NO_ANSWER, table.assessment != NO_VERDICT))
    return [Judged._make((*row[:-1], row[-1] / 1_000_000)) for row in session.execute(rows)]


def durations(session: Session, scope: Scope, version: Version) -> Sequence[Timed]:
    """Return how long the answers of a version took, the earliest week first."""
    table = WeeklyDurations
    ranked = _of_version(_within(scope, table, table.week, table.milliseconds), table, version).add_columns(
        func.sum(table.tests).over(partition_by=table.week, order_by=table.milliseconds).label("rank"),
        func.sum(table.tests).over(partition_by=table.week).label("tests"),
    )
    row = ranked.subquery().c
    reached = [func.min(case((row.rank >= part * row.tests, row.milliseconds))) for part in (MEDIAN, LATE)]
    weeks = select(row.week, *reached, row.tests).group_by(row.week, row.tests).order_by(row.week)
    return [Timed._make(found) for found in session.execute(weeks)]


def summed(counts: Iterable[tuple[Key, int]]) -> Counter[Key]:
    """Add up counts by what they are of."""
    found: Counter[Key] = Counter()
    for key, tests in counts:
        found[key] += tests
    return found


def _shown(scope: Scope, version: Version, *keys: Any) -> Select[Any]:
    table = WeeklyAnswers
    rows = _of_version(_tests(scope, table, *keys), table, version).where(table.outcome != NO_ANSWER)
    return rows.where(table.assessed.is_(True)) if scope.user.blind else rows


def _tests(scope: Scope, table: type[Tally], *keys: Any) -> Select[Any]:
    """Select keys of the tallies that are in the scope, and the sum of their tests."""
    return _within(scope, table, *keys).add_columns(func.sum(table.tests)).group_by(*keys)


def _within(scope: Scope, table: type[Tally], *columns: Any) -> Select[Any]:
    """Select columns of the tallies that are in the scope."""
    tallies = select(*columns).where(table.clinic_id == scope.user.clinic_id, table.tests > 0)
    if scope.period.first is not None:
        tallies = tallies.where(table.week >= scope.period.first)
    return tallies.where(table.week <= scope.period.last)


def _of_version(tests: Select[Any], table: type[Tally], version: Version) -> Select[Any]:
    return tests.where(table.model_name == version.name, table.model_version == version.number)
