"""Verdicts as they are answered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.api.verdicts.schemas import Verdict
from app.results.tables import Analysis
from app.results.verdicts import tables
from app.results.verdicts.labels import name_of
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS


def all_verdicts(session: Session, analysis: Analysis) -> list[Verdict]:
    """Return all that was said of an analysis, in the order of time."""
    rows = verdicts_of(session, analysis)
    last = [newest(rows, kind) for kind in (ASSESSMENT, DIAGNOSIS)]
    return [_answered(number, row, in_force=row in last) for number, row in enumerate(rows, 1)]


def number_of(session: Session, analysis: Analysis, verdict: tables.Verdict) -> int:
    """Return the number of a verdict among those of its analysis."""
    return _ids(verdicts_of(session, analysis)).index(verdict.id) + 1


def id_of_number(session: Session, analysis: Analysis, number: int) -> str:
    """Return the id of the verdict that has a number, as `verdicts.services.replace` wants it; "?" if none has."""
    ids = _ids(verdicts_of(session, analysis))
    return "" if number == 0 else str(ids[number - 1]) if number <= len(ids) else "?"


def _ids(rows: Sequence[tables.Verdict]) -> list[int]:
    return [row.id for row in rows]


def _answered(number: int, row: tables.Verdict, *, in_force: bool) -> Verdict:
    return Verdict(
        number=number,
        kind=row.kind,
        label=row.label,
        label_name=None if row.label is None else name_of(row.label),
        in_force=in_force and row.label is not None,
        basis=row.basis,
        found_on=row.found_on,
        note=row.note,
        author=row.author_name,
        blind=row.blind,
        created_at=row.created_at,
    )
