"""All files of a batch, with or without a result, a stretch at a time by key: the most suspicious first, or as sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Row, and_, case, cast, or_, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.listing import HIDDEN
from app.batches.tables import Batch, BatchItem
from app.results.selectors import LISTED
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed_from

SUSPICIOUS, SENT = ORDERS = ("suspicious", "sent")
WITHOUT_RESULT = 2 * HIDDEN


class Place(NamedTuple):
    """Where a file stands: what it is ranked by, falling, and for ties the order in which files were sent."""

    rank: float
    item_id: int


def ranked(
    session: Session, user: User, batch: Batch, *, order: str, after: Place | None, limit: int
) -> tuple[Sequence[Row[BatchItem, Analysis | None]], Place | None]:
    """Return the files that follow a place, each with its test, and the place of the last if there are more."""
    rank = _suspicion(user) if order == SUSPICIOUS else cast(-BatchItem.id, Float)
    query = select(BatchItem, Analysis, rank).outerjoin(Analysis, Analysis.id == BatchItem.analysis_id)
    query = query.where(BatchItem.batch_id == batch.id).order_by(rank.desc(), BatchItem.id).options(*LISTED)
    if after is not None:
        query = query.where(or_(rank < after.rank, and_(rank == after.rank, BatchItem.id > after.item_id)))
    found = session.execute(query.limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], None if last is None else Place(last[2], last[0].id)


def _suspicion(user: User) -> ColumnElement[Any]:
    """Rank by suspicion; a concealed answer must not be told by its place."""
    return case((Analysis.id.is_(None), WITHOUT_RESULT), (concealed_from(user), HIDDEN), else_=Analysis.suspicion)
