"""The results of a batch, most suspicious first or otherwise, a page at a time by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.auth.tables import User
from app.batches.tables import DONE, FAILED, Batch, BatchItem
from app.results.selectors import LISTED
from app.results.tables import UNRANKED, Analysis
from app.results.verdicts.blind import concealed_from

PAGE_LENGTH = 50
MOST_FAILED = 100  # that the page lists; the CSV file has them all
AT_A_TIME = 200  # rows that an export holds
HIDDEN = 2 * UNRANKED  # below what was not accepted: a concealed answer must not be told by its place

SUSPICIOUS, FILE, PATIENT = "suspicious", "file", "patient"
Found = Row[BatchItem, Analysis]


class Order(NamedTuple):
    """What to sort by, ties by the order in which the files were sent."""

    key: ColumnElement[Any] | InstrumentedAttribute[Any]
    falling: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the results; `after` is the public id of the item to go on from, None at the end.

    `later` says that it is not the first.
    """

    found: Sequence[Found]
    sort: str
    after: str | None
    later: bool


def page_of(session: Session, user: User, batch: Batch, *, sort: str, after: str | None = None) -> Page:
    """Return the results that follow one of the batch's items; else the first."""
    orders = _orders(user)
    sort = sort if sort in orders else SUSPICIOUS
    query, anchor = _sorted(batch, orders[sort]), None
    if after is not None:
        anchor = session.execute(_keys(batch, orders[sort]).where(BatchItem.public_id == after)).first()
    if anchor is not None:
        query = query.where(_beyond(orders[sort], *anchor))
    found = session.execute(query.limit(PAGE_LENGTH + 1)).all()
    following = found[PAGE_LENGTH - 1][0].public_id if len(found) > PAGE_LENGTH else None
    return Page(found[:PAGE_LENGTH], sort, following, anchor is not None)


def all_of(session: Session, user: User, batch: Batch) -> Iterator[Found]:
    """Yield every result, most suspicious first, a few hundred rows in memory at a time."""
    order = _orders(user)[SUSPICIOUS]
    yield from session.execute(_sorted(batch, order).execution_options(yield_per=AT_A_TIME))


def not_done(session: Session, batch: Batch, limit: int | None = None) -> Sequence[BatchItem]:
    """Return the files without a result, those that failed first."""
    others = select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state != DONE)
    first = case((BatchItem.state == FAILED, 0), else_=1)
    return session.scalars(others.order_by(first, BatchItem.state, BatchItem.id).limit(limit)).all()


def failed_of(session: Session, batch: Batch) -> Sequence[BatchItem]:
    """Return the files that failed, as many as a page lists."""
    failed = select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state == FAILED)
    return session.scalars(failed.order_by(BatchItem.id).limit(MOST_FAILED)).all()


def _orders(user: User) -> Mapping[str, Order]:
    return {
        SUSPICIOUS: Order(case((concealed_from(user), HIDDEN), else_=Analysis.suspicion), falling=True),
        FILE: Order(func.lower(BatchItem.name)),
        PATIENT: Order(Analysis.patient_key),
    }


def _sorted(batch: Batch, order: Order) -> Select[BatchItem, Analysis]:
    query = select(BatchItem, Analysis).join(Analysis, Analysis.id == BatchItem.analysis_id)
    key = order.key.desc() if order.falling else order.key.asc()
    return query.where(BatchItem.batch_id == batch.id).order_by(key, BatchItem.id).options(*LISTED)


def _keys(batch: Batch, order: Order) -> Select[Any, int]:
    query = select(order.key, BatchItem.id).join(Analysis, Analysis.id == BatchItem.analysis_id)
    return query.where(BatchItem.batch_id == batch.id)


def _beyond(order: Order, key: Any, item_id: int) -> ColumnElement[bool]:
    further = order.key < key if order.falling else order.key > key
    return or_(further, and_(order.key == key, BatchItem.id > item_id))
