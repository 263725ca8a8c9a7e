"""Calibration on the clinic's own cases: of lesions with such a malignancy, how many turned out to be malignant."""

from __future__ import annotations

from collections.abc import Sequence

from app.dashboard.cases import ENOUGH, Case, comparable, tests_in
from app.dashboard.distribution import bar_of
from app.dashboard.proportion import proportion
from app.dashboard.sheets import Column, Row, Sheet, count, share

BINS = 10  # of equal width
BARS_IN_A_BIN = 2
FEW = 10  # photographs under which a bin is drawn faint
COLUMNS = (
    Column("Mean malignancy"),
    Column("Turned out malignant", style=1),
    Column("95 % interval from", role="low"),
    Column("to", role="high"),
    Column("Malignant", role="text"),
    Column("Photographs", role="text"),
)


def calibration(diagnosed: Sequence[Case]) -> Sheet | None:
    """Return each bin with its share of malignant diagnoses; None until there are ENOUGH.

    A reliability diagram (Niculescu-Mizil and Caruana, ICML 2005) of the malignancy.
    """
    cases = comparable(diagnosed)
    if tests_in(cases) < ENOUGH:
        return None
    bins = [[case for case in cases if bar_of(case.bin) // BARS_IN_A_BIN == number] for number in range(BINS)]
    rows = tuple(_row(within) for within in bins if within)
    return Sheet("calibration", "Calibration on confirmed diagnoses", COLUMNS, rows)


def _row(cases: Sequence[Case]) -> Row:
    of = tests_in(cases)
    found = proportion(tests_in(case for case in cases if case.malignant), of)
    mean = sum(case.malignancy for case in cases) / of
    cells = (share(mean), share(found.value), share(found.low), share(found.high), count(found.hits), count(of))
    return Row(cells, faint=of < FEW)
