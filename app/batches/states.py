"""How far the batches of the whole site are, for those who watch over it: numbers, and no names."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from app.batches.tables import Batch, BatchItem
from app.clock import now
from app.extensions import db

WORKED_ON = Batch.due.is_not(None)


def items_by_state() -> Iterator[tuple[tuple[str], float]]:
    """Count the items of batches that are being worked on."""
    counted = select(BatchItem.state, func.count()).join(Batch, Batch.id == BatchItem.batch_id).where(WORKED_ON)
    for state, number in db.session.execute(counted.group_by(BatchItem.state)):
        yield (state,), number


def oldest_waiting() -> Iterator[tuple[tuple[()], float]]:
    """Tell for how many seconds the batch that was started first has been worked on; 0 if there is none."""
    began = db.session.scalar(select(func.min(Batch.started_at)).where(WORKED_ON))
    yield (), 0.0 if began is None else (now() - began).total_seconds()
