"""A person's patients, A to Z: searched, and a page at a time by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.selectors import patients_of
from app.patients.tables import Patient
from app.results.services import patient_key
from app.results.tables import Analysis

PAGE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One patient of the list; `last_test` is the moment of the newest, None without tests."""

    patient: Patient
    tests: int
    last_test: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `before` and `after` are the public ids to go on from, None at an end.

    `total` counts all that are found. `lost` says that the place asked for is no longer there.
    """

    listed: Sequence[Listed]
    total: int
    before: str | None
    after: str | None
    lost: bool


def page_of(
    session: Session,
    user: User,
    *,
    name: str | None = None,
    archived: bool = False,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """Return the page that follows, or comes before, one of the person's patients; else the first.

    `name` is part of a name in any spelling; `archived` lists archived patients as well.
    """
    query = found(user, name, archived=archived)
    total = session.scalar(query.with_only_columns(func.count())) or 0
    start = after or before
    anchor = None if start is None else session.scalar(patients_of(user).where(Patient.public_id == start))
    if anchor is not None and after:
        rows = _read(session, query.where(_beyond(anchor, rising=True)), rising=True)
        if rows:
            return _page(session, rows[:PAGE_LENGTH], total, earlier=True, later=len(rows) > PAGE_LENGTH)
    elif anchor is not None:
        rows = _read(session, query.where(_beyond(anchor, rising=False)), rising=False)
        if len(rows) > PAGE_LENGTH:  # otherwise it is the first page, which starts at the beginning
            return _page(session, rows[PAGE_LENGTH - 1 :: -1], total, earlier=True, later=True)
    rows = _read(session, query, rising=True)
    lost = start is not None and anchor is None
    return _page(session, rows[:PAGE_LENGTH], total, earlier=False, later=len(rows) > PAGE_LENGTH, lost=lost)


def found(user: User, name: str | None, *, archived: bool) -> Select[Patient]:
    """Select the person's patients whose name has `name` in it, in any spelling; if `archived`, those too."""
    conditions: list[ColumnElement[bool]] = []
    if name:
        conditions.append(Patient.name_key.contains(patient_key(name), autoescape=True))
    if not archived:
        conditions.append(Patient.archived_at.is_(None))
    return patients_of(user).where(*conditions)


def _beyond(anchor: Patient, *, rising: bool) -> ColumnElement[bool]:
    """Match what comes after `anchor`; the first condition is the one that an index can serve."""
    name, key = Patient.name_key, anchor.name_key
    if rising:
        return and_(name >= key, or_(name > key, Patient.id > anchor.id))
    return and_(name <= key, or_(name < key, Patient.id < anchor.id))


def _read(session: Session, query: Select[Patient], *, rising: bool) -> Sequence[Patient]:
    """Read one more than a page holds: whether it is there tells whether the list goes on."""
    order = [key.asc() if rising else key.desc() for key in (Patient.name_key, Patient.id)]
    return session.scalars(query.order_by(*order).limit(PAGE_LENGTH + 1)).all()


def _page(
    session: Session, patients: Sequence[Patient], total: int, *, earlier: bool, later: bool, lost: bool = False
) -> Page:
    before = patients[0].public_id if earlier else None
    after = patients[-1].public_id if later else None
    return Page(with_tests(session, patients), total, before, after, lost)


def with_tests(session: Session, patients: Sequence[Patient]) -> Sequence[Listed]:
    """Return patients with the number of their tests and the moment of the newest, in one query."""
    known = [patient.id for patient in patients]
    counts = select(Analysis.patient_id, func.count(), func.max(Analysis.created_at))
    rows = session.execute(counts.where(Analysis.patient_id.in_(known)).group_by(Analysis.patient_id))
    tests = {patient_id: (count, newest) for patient_id, count, newest in rows}
    return [Listed(patient, *tests.get(patient.id, (0, None))) for patient in patients]
