"""How long answers took, week by week."""

from __future__ import annotations

from collections.abc import Sequence

from app.dashboard.counting import Timed
from app.dashboard.period import monday
from app.dashboard.sheets import Column, Row, Sheet, count, day, milliseconds

COLUMNS = (
    Column("Week from Monday"),
    Column("Median", style=1),
    Column("95th percentile", style=2),
    Column("Tests", role="text"),
)


def latency(weeks: Sequence[Timed]) -> Sheet:
    """Return the median and the 95th percentile of every week."""
    rows = (
        Row((day(monday(found.week)), milliseconds(found.median), milliseconds(found.late), count(found.tests)))
        for found in weeks
    )
    return Sheet("latency", "Time to answer", COLUMNS, tuple(rows))
