"""A person's earlier analyses: filtered, sorted, and a page at a time by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, not_, or_
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.selectors import LISTED, analyses_of
from app.results.services import patient_key
from app.results.tables import UNRANKED, Analysis
from app.results.verdicts.blind import concealed, concealed_from

PAGE_LENGTH = 20
NO_ANSWER = "none"  # in place of a class: photographs that were not accepted
CONCEALED_RANK = UNRANKED - 1  # where an answer is hidden: last of all
HALF_PERCENT = 0.005  # figures are shown in whole percent: "from 37 %" finds what is shown as 37 %

Query = Select[Analysis]


class Order(NamedTuple):
    """A column to sort by, ties by id; both fall or both rise, so that an index can serve them.

    `value` reads what the column holds from an analysis.
    """

    column: SQLColumnExpression[Any]
    falling: bool
    value: Callable[[Analysis], Any]


ORDERS: Mapping[str, Order] = {
    "newest": Order(Analysis.created_at, falling=True, value=attrgetter("created_at")),
    "oldest": Order(Analysis.created_at, falling=False, value=attrgetter("created_at")),
    "suspicious": Order(Analysis.suspicion, falling=True, value=attrgetter("suspicion")),
    "patient": Order(Analysis.patient_key, falling=False, value=attrgetter("patient_key")),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list: malignancy in whole percent, dates as UTC days, both ends included; None asks for all.

    `label` is the code of a class, or NO_ANSWER.
    """

    patient: str | None = None
    label: str | None = None
    malignancy_from: int | None = None
    malignancy_to: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `before` and `after` are the public ids to go on from, None at an end.

    `total` counts all that the filters let through. `lost` says that the place asked for is no longer there,
    and that this is the beginning instead.
    """

    analyses: Sequence[Analysis]
    total: int
    before: str | None
    after: str | None
    lost: bool = False


def page_of(
    session: Session, user: User, filters: Filters, *, after: str | None = None, before: str | None = None
) -> Page:
    """Return the page that follows, or comes before, one of the person's analyses; else the first."""
    order = _order(user, filters.sort)
    query = _filtered(user, filters)
    total = session.scalar(query.with_only_columns(func.count())) or 0
    start = after or before
    anchor = None if start is None else session.scalar(analyses_of(user).where(Analysis.public_id == start))
    if anchor is not None and after:
        found = _read(session, query.where(_beyond(anchor, order)), order)
        if found:
            return _page(found[:PAGE_LENGTH], total, earlier=True, later=len(found) > PAGE_LENGTH)
    elif anchor is not None:
        back = order._replace(falling=not order.falling)
        found = _read(session, query.where(_beyond(anchor, back)), back)
        if len(found) > PAGE_LENGTH:
            return _page(found[PAGE_LENGTH - 1 :: -1], total, earlier=True, later=True)
    found = _read(session, query, order)
    lost = start is not None and anchor is None
    return _page(found[:PAGE_LENGTH], total, earlier=False, later=len(found) > PAGE_LENGTH, lost=lost)


def _order(user: User, sort: str) -> Order:
    """Return what to sort by; for somebody who looks blind, a place in the list must not tell what is hidden."""
    if sort != "suspicious" or not user.blind:
        return ORDERS[sort]
    return Order(
        case((concealed_from(user), CONCEALED_RANK), else_=Analysis.suspicion),
        falling=True,
        value=lambda analysis: CONCEALED_RANK if concealed(user, analysis) else analysis.suspicion,
    )


def _filtered(user: User, filters: Filters) -> Query:
    conditions: list[ColumnElement[bool]] = []
    if _asks_for_answers(filters):
        conditions.append(not_(concealed_from(user)))
    if filters.patient:
        conditions.append(Analysis.patient_key.contains(patient_key(filters.patient), autoescape=True))
    if filters.label == NO_ANSWER:
        conditions.append(Analysis.accepted.is_(False))
    elif filters.label:
        conditions += [Analysis.label == filters.label, Analysis.accepted.is_(True)]
    if filters.malignancy_from is not None or filters.malignancy_to is not None:
        least = (filters.malignancy_from or 0) / 100 - HALF_PERCENT  # more than UNRANKED: the list shows no such figure
        conditions.append(Analysis.suspicion >= least)
    if filters.malignancy_to is not None:
        conditions.append(Analysis.suspicion <= filters.malignancy_to / 100 + HALF_PERCENT)
    if filters.date_from:
        conditions.append(Analysis.created_at >= _midnight(filters.date_from))
    if filters.date_to:
        conditions.append(Analysis.created_at < _midnight(filters.date_to) + timedelta(days=1))
    return analyses_of(user).where(*conditions)


def _asks_for_answers(filters: Filters) -> bool:
    of_malignancy = (filters.malignancy_from, filters.malignancy_to) != (None, None)
    return of_malignancy or filters.label not in (None, NO_ANSWER)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _beyond(anchor: Analysis, order: Order) -> ColumnElement[bool]:
    """Match what comes after `anchor`; the first condition is the one that an index can serve."""
    column, value = order.column, order.value(anchor)
    if order.falling:
        return and_(column <= value, or_(column < value, Analysis.id < anchor.id))
    return and_(column >= value, or_(column > value, Analysis.id > anchor.id))


def _read(session: Session, query: Query, order: Order) -> Sequence[Analysis]:
    """Read one more than a page holds: whether it is there tells whether the list goes on."""
    keys = (order.column, Analysis.id)
    sort = [key.desc() if order.falling else key.asc() for key in keys]
    return session.scalars(query.order_by(*sort).limit(PAGE_LENGTH + 1).options(*LISTED)).all()


def _page(analyses: Sequence[Analysis], total: int, *, earlier: bool, later: bool, lost: bool = False) -> Page:
    before = analyses[0].public_id if earlier else None
    after = analyses[-1].public_id if later else None
    return Page(analyses, total, before, after, lost)
