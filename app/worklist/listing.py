"""A section of the worklist a page at a time by key, and how much waits in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.selectors import ROWS
from app.results.tables import Analysis
from app.worklist.sections import Section, Waiting, sections_of

MOST_COUNTED = 99  # beyond it nobody needs the number, and counting would take its time
ONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a section: rows of its query; `after` is the public id to go on from, None at the end."""

    rows: Sequence[Row[Any]]
    after: str | None


def counts_of(session: Session, user: User) -> dict[str, int]:
    """Count what waits in each section, by its code, in one query: MOST_COUNTED + 1 says that there are more."""
    sections = sections_of(user)
    found = session.execute(select(*(_count(section.query(user)) for section in sections))).one()
    return {section.code: count for section, count in zip(sections, found, strict=True)}


def page_of(session: Session, user: User, section: Section, length: int, after: str | None = None) -> Page:
    """Return what waits after one of the person's items, whether or not that still waits; else the beginning."""
    query = section.query(user)
    anchor = None if after is None else _anchor(session, user, section, after)
    if anchor is not None:
        query = query.where(_beyond(section, anchor))
    keys = [key.desc() if section.falling else key.asc() for key in (section.order, section.entity.id)]
    options = ROWS if section.entity is Analysis else ()
    rows = session.execute(query.order_by(*keys).limit(length + 1).options(*options)).all()
    return Page(rows[:length], rows[length - 1][0].public_id if len(rows) > length else None)


def _count(waiting: Waiting) -> ScalarSelect[int]:
    ones: Waiting = waiting.with_only_columns(ONE, maintain_column_froms=True).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(ones.subquery()).scalar_subquery()


def _anchor(session: Session, user: User, section: Section, public_id: str) -> Row[Any, int] | None:
    entity = section.entity
    keys = select(section.order, entity.id).where(entity.clinic_id == user.clinic_id, entity.public_id == public_id)
    return session.execute(keys).first()


def _beyond(section: Section, anchor: Row[Any, int]) -> ColumnElement[bool]:
    """Match what comes after a place; the first condition is the one that an index can serve."""
    column, key = section.order, section.entity.id
    value, row_id = anchor
    if section.falling:
        return and_(column <= value, or_(column < value, key < row_id))
    return and_(column >= value, or_(column > value, key > row_id))
