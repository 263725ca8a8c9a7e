"""A person's batches, newest first, a page at a time by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.progress import STATES, Counts, counts_of
from app.batches.selectors import batches_of
from app.batches.tables import Batch

PAGE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One batch of the list."""

    batch: Batch
    counts: Counts

    @property
    def state(self) -> str:
        """What it is doing."""
        return self.counts.state_of(self.batch)

    @property
    def state_in_words(self) -> str:
        """The same as it is shown."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `after` is the public id to go on from, None at the end; `later`: it is not the first."""

    listed: Sequence[Listed]
    after: str | None
    later: bool


def page_of(session: Session, user: User, *, after: str | None = None) -> Page:
    """Return the batches that follow one of the person's; else the newest."""
    query = batches_of(user).order_by(Batch.created_at.desc(), Batch.id.desc())
    anchor = None if after is None else session.scalar(batches_of(user).where(Batch.public_id == after))
    if anchor is not None:
        same = and_(Batch.created_at == anchor.created_at, Batch.id < anchor.id)
        query = query.where(or_(Batch.created_at < anchor.created_at, same))
    found = session.scalars(query.limit(PAGE_LENGTH + 1)).all()
    following = found[PAGE_LENGTH - 1].public_id if len(found) > PAGE_LENGTH else None
    return Page(with_counts(session, found[:PAGE_LENGTH]), following, anchor is not None)


def with_counts(session: Session, batches: Sequence[Batch]) -> list[Listed]:
    """Return batches with the numbers of their files, in one query."""
    counts = counts_of(session, batches)
    return [Listed(batch, counts[batch.id]) for batch in batches]
