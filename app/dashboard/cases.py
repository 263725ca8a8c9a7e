"""Tests with a verdict: the clinician's assessment, or the confirmed diagnosis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.dashboard.counting import Judged
from app.dashboard.tables import NO_ANSWER, NO_VERDICT
from app.results.verdicts.labels import is_malignant

ENOUGH = 20  # verdicts from which shares are given: even of 20 alike, the interval is 16 points wide


class Case(NamedTuple):
    """Tests with the same answer (or NO_ANSWER) and the same verdict; `malignancy` is their sum."""

    verdict: str
    label: str
    bin: int
    alerted: int
    tests: int
    malignancy: float

    @property
    def malignant(self) -> bool | None:
        """The side of the verdict; None if it is uncertain."""
        return is_malignant(self.verdict)


def cases_of(rows: Iterable[Judged], kind: str) -> list[Case]:
    """Return the tests with a verdict of a kind: ``assessment`` or ``diagnosis``."""
    every = (Case(getattr(row, kind), row.label, row.bin, row.alerted, row.tests, row.malignancy) for row in rows)
    return [case for case in every if case.verdict != NO_VERDICT]


def comparable(cases: Iterable[Case]) -> list[Case]:
    """Return the cases that are right or wrong: with an answer, and a verdict that says benign or malignant."""
    return [case for case in cases if case.label != NO_ANSWER and case.malignant is not None]


def tests_in(cases: Iterable[Case]) -> int:
    """Count the tests."""
    return sum(case.tests for case in cases)
