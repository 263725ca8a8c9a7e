"""What is looked up before the history is searched: tests with a text in their notes, and labels of lesions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, column, exists, select, table
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.history.filters import Filters
from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict

MOST_FOUND = 200  # tests with a text that are gone on with
NOTES_READ = 2_500  # of tests and of verdicts each, the newest
AT_A_TIME = 250  # notes that are decrypted
# by its name, as foreign keys have it: the record of lesions lies above the results
LESIONS = table("lesions", column("id"), column("label"))


@dataclass(frozen=True, slots=True)
class Texts:
    """Tests that have a text in their notes; `since` is when the search goes back to, None if all were read."""

    ids: Sequence[int]
    since: datetime | None


def labelled(part: str) -> ColumnElement[bool]:
    """Match tests of a lesion whose label contains `part`."""
    return exists(
        select(LESIONS.c.id).where(LESIONS.c.id == Analysis.lesion_id, LESIONS.c.label.icontains(part, autoescape=True))
    )


def tests_with(session: Session, user: User, text: str, filters: Filters) -> Texts:
    """Return the tests with a text in their note, or in one of a verdict's, read from the newest back in the period."""
    start, end = filters.period
    noted = select(Analysis.id.label("test"), Analysis.note.label("note"), Analysis.created_at.label("at")).where(
        Analysis.clinic_id == user.clinic_id, Analysis.note.is_not(None), *_within(Analysis.created_at, start, end)
    )
    said = select(Verdict.analysis_id.label("test"), Verdict.note.label("note"), Verdict.created_at.label("at")).where(
        Verdict.clinic_id == user.clinic_id, Verdict.note.is_not(None), *_within(Verdict.created_at, start, None)
    )
    searched = [_searched(session, notes, text) for notes in (noted, said)]
    ids = {test for texts in searched for test in texts.ids}
    clinics = session.execute(select(Analysis.id, Analysis.clinic_id).where(Analysis.id.in_(ids)))
    own = sorted(test for test, clinic_id in clinics if clinic_id == user.clinic_id)
    return Texts(own, max((texts.since for texts in searched if texts.since), default=None))


def _within(moment: Any, start: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    return ([] if start is None else [moment >= start]) + ([] if end is None else [moment < end])


def _searched(session: Session, notes: Select[int, str | None, datetime], text: str) -> Texts:
    """Search the newest of some notes: each is decrypted, and read."""
    columns, wanted = notes.selected_columns, text.casefold()
    newest = notes.order_by(columns.at.desc(), columns.test.desc())
    found: list[int] = []
    # their times are not asked for: reading thousands takes longer than the search
    read = session.connection().execute(newest.with_only_columns(columns.test, columns.note).limit(NOTES_READ + 1))
    for number, (test, note) in enumerate(read.yield_per(AT_A_TIME)):  # with the last that is found the rest is let be
        if number == NOTES_READ or len(found) == MOST_FOUND:
            return Texts(found, session.scalar(newest.with_only_columns(columns.at).offset(number - 1).limit(1)))
        if note is not None and wanted in note.casefold():
            found.append(test)
    return Texts(found, None)
