"""Queries for batches: whatever a person may see of them starts here."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from app.auth.tables import User
from app.batches.tables import Batch
from app.errors import NotFoundError

WITHOUT_ROWS = defer(Batch.rows)


def batches_of(user: User) -> Select[Batch]:
    """Select the batches of a person's clinic."""
    return select(Batch).where(Batch.clinic_id == user.clinic_id).options(WITHOUT_ROWS)


def batch_of(session: Session, user: User, public_id: str) -> Batch:
    """Return one batch of a person's clinic; NotFoundError if there is none, or if it is another's."""
    batch = session.scalar(batches_of(user).where(Batch.public_id == public_id))
    if batch is None:
        raise NotFoundError("There is no such batch. It may have been deleted.")
    return batch
