"""A clinic's patients, A to Z: searched, and a page at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, defer

from app.auth.tables import User
from app.encrypted.names import folded
from app.patients.selectors import patients_of
from app.patients.tables import Patient
from app.results.names import begin_so, names_with
from app.results.tables import Analysis

PAGE_LENGTH = 20
MOST_SORTED = 5_000  # patients whose names are decrypted for one page


@dataclass(frozen=True, slots=True)
class Listed:
    """One patient of the list; `last_test` is the moment of the newest, None without tests."""

    patient: Patient
    tests: int
    last_test: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `before` and `after` are the public ids to go on from, None at an end.

    `total` counts all that are found. `by_name` says that they stand in the order of their names, and not the newest
    first. `lost` says that the place asked for is no longer there.
    """

    listed: Sequence[Listed]
    total: int
    by_name: bool
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
    """Return the page that follows, or comes before, one of the clinic's patients; else the first.

    `name` is what words of the name begin with; `archived` lists archived patients as well. Names are encrypted, so
    that they are sorted here, up to MOST_SORTED.
    """
    query = found(session, user, name, archived=archived)
    total = session.scalar(query.with_only_columns(func.count())) or 0
    start = after or before
    anchor = None if start is None else session.scalar(patients_of(user).where(Patient.public_id == start))
    if total > MOST_SORTED:
        shown = _newest_first(session, query, anchor, backwards=not after)
    else:
        shown = _by_name(session, query, anchor, backwards=not after)
    ends = [patient.public_id for patient in shown.patients]
    return Page(
        with_tests(session, shown.patients),
        total,
        total <= MOST_SORTED,
        before=ends[0] if ends and shown.earlier else None,
        after=ends[-1] if ends and shown.later else None,
        lost=start is not None and anchor is None,
    )


def found(session: Session, user: User, name: str | None, *, archived: bool) -> Select[Patient]:
    """Select the clinic's patients with a word in the name that begins so, for each word of `name`; or all.

    Those who are archived only if `archived`.
    """
    conditions: list[ColumnElement[bool]] = []
    if name:
        names = names_with(session, user, name)
        if names is None:
            conditions.append(begin_so(session, user.clinic_id, name, Patient.name_key))
        else:
            conditions.append(Patient.name_key.in_(names))
    if not archived:
        conditions.append(Patient.archived_at.is_(None))
    return patients_of(user).where(*conditions)


class _Shown(NamedTuple):
    patients: Sequence[Patient]
    earlier: bool
    later: bool


def _by_name(session: Session, query: Select[Patient], anchor: Patient | None, *, backwards: bool) -> _Shown:
    """Decrypt all names that are found, and return the patients of the page that begins behind, or ends before, one."""
    rows = session.execute(query.with_only_columns(Patient.name, Patient.id)).all()
    places = sorted((folded(name), id_) for name, id_ in rows)
    first = 0
    if anchor is not None:
        place = (folded(anchor.name), anchor.id)
        first = bisect_left(places, place) - PAGE_LENGTH if backwards else bisect_right(places, place)
    if not 0 < first < len(places):
        first = 0
    ids = [id_ for _, id_ in places[first : first + PAGE_LENGTH]]
    read = {patient.id: patient for patient in session.scalars(_without_notes(query.where(Patient.id.in_(ids))))}
    return _Shown([read[id_] for id_ in ids if id_ in read], first > 0, first + PAGE_LENGTH < len(places))


def _newest_first(session: Session, query: Select[Patient], anchor: Patient | None, *, backwards: bool) -> _Shown:
    chosen = _without_notes(query.limit(PAGE_LENGTH + 1))
    if anchor is not None:
        order = Patient.id if backwards else Patient.id.desc()
        further = Patient.id > anchor.id if backwards else Patient.id < anchor.id
        rows = session.scalars(chosen.where(further).order_by(order)).all()
        if backwards and len(rows) > PAGE_LENGTH:  # otherwise it is the first page, which starts at the beginning
            return _Shown(rows[PAGE_LENGTH - 1 :: -1], earlier=True, later=True)
        if rows and not backwards:
            return _Shown(rows[:PAGE_LENGTH], earlier=True, later=len(rows) > PAGE_LENGTH)
    rows = session.scalars(chosen.order_by(Patient.id.desc())).all()
    return _Shown(rows[:PAGE_LENGTH], earlier=False, later=len(rows) > PAGE_LENGTH)


def _without_notes(query: Select[Patient]) -> Select[Patient]:
    return query.options(defer(Patient.notes, raiseload=True))


def with_tests(session: Session, patients: Sequence[Patient]) -> Sequence[Listed]:
    """Return patients with the number of their tests and the moment of the newest, in one query."""
    known = [patient.id for patient in patients]
    counts = select(Analysis.patient_id, func.count(), func.max(Analysis.created_at))
    rows = session.execute(counts.where(Analysis.patient_id.in_(known)).group_by(Analysis.patient_id))
    tests = {patient_id: (count, newest) for patient_id, count, newest in rows}
    return [Listed(patient, *tests.get(patient.id, (0, None))) for patient in patients]
