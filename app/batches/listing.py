"""The results of a batch, most suspicious first or otherwise, a page at a time by key."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.auth.tables import User
from app.batches.tables import DONE, FAILED, Batch, BatchItem
from app.encrypted.names import folded
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
    """What to sort by, smallest `key` first; ties by the order in which the files were sent."""

    by: ColumnElement[Any] | InstrumentedAttribute[Any]
    key: Callable[[Any], Any]


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
    ids, start = _ids(session, batch, orders[sort]), 0
    if after is not None:
        anchor = session.scalar(_items(batch).with_only_columns(BatchItem.id).where(BatchItem.public_id == after))
        start = 0 if anchor is None else ids.index(anchor) + 1
    shown = ids[start : start + PAGE_LENGTH]
    found = _read(session, shown)
    following = found[-1][0].public_id if len(ids) > start + PAGE_LENGTH else None
    return Page(found, sort, following, start > 0)


def all_of(session: Session, user: User, batch: Batch) -> Iterator[Found]:
    """Yield every result, most suspicious first, a few hundred rows in memory at a time."""
    ids = _ids(session, batch, _orders(user)[SUSPICIOUS])
    for first in range(0, len(ids), AT_A_TIME):
        yield from _read(session, ids[first : first + AT_A_TIME])


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
        SUSPICIOUS: Order(case((concealed_from(user), HIDDEN), else_=Analysis.suspicion), operator.neg),
        FILE: Order(BatchItem.name, str.casefold),
        PATIENT: Order(Analysis.patient_name, folded),
    }


def _items(batch: Batch) -> Select[BatchItem, Analysis]:
    query = select(BatchItem, Analysis).join(Analysis, Analysis.id == BatchItem.analysis_id)
    return query.where(BatchItem.batch_id == batch.id)


def _ids(session: Session, batch: Batch, order: Order) -> list[int]:
    """Return the ids of the results in an order; names are encrypted, so that no database can sort by them."""
    rows = session.execute(_items(batch).with_only_columns(BatchItem.id, order.by)).all()
    return [id_ for id_, _ in sorted(rows, key=lambda row: (order.key(row[1]), row[0]))]


def _read(session: Session, ids: Sequence[int]) -> Sequence[Found]:
    query = select(BatchItem, Analysis).join(Analysis, Analysis.id == BatchItem.analysis_id)
    rows = session.execute(query.where(BatchItem.id.in_(ids)).options(*LISTED)).all()
    return sorted(rows, key=lambda row: ids.index(row[0].id))
