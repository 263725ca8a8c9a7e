"""Claim a key for a request, write down what the request made, let the key go. The caller commits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.api.idempotency.tables import IdempotencyKey
from app.auth.tables import User
from app.clock import now
from app.errors import AppError

LEASE = timedelta(minutes=2)  # longer than any request takes: after it, whoever worked on it is gone
KEPT = timedelta(hours=24)
RETRY_SECONDS = 2


class KeyReusedError(AppError):
    """The key was sent with another request before."""

    status = 422
    kind = "idempotency-key-reused"
    title = "This Idempotency-Key was used for something else"


class StillRunningError(AppError):
    """The same request is being worked on."""

    status = 409
    kind = "idempotency-key-in-use"
    title = "This request is being worked on"

    def __init__(self) -> None:
        super().__init__("The same request was sent before and is not finished. Ask again in a moment.")
        self.headers["Retry-After"] = str(RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a request once; `leased_until` tells it from a later claim on the same key."""

    id: int
    leased_until: datetime


def claim(session: Session, *, owner: User, key: str, fingerprint: str) -> Claim:
    """Claim a key and flush its row; IntegrityError if it was claimed before: see `earlier`.

    The caller commits before the work begins, so that parallel requests see it.
    """
    at = now()
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < at - KEPT))
    row = IdempotencyKey(
        owner_id=owner.id, key=digest_of(key), fingerprint=fingerprint, leased_until=at + LEASE, created_at=at
    )
    session.add(row)
    session.flush()
    return Claim(row.id, row.leased_until)


def earlier(session: Session, *, owner: User, key: str, fingerprint: str) -> Claim | str:
    """Return the location of what a claimed key has made, or claim it anew if whoever worked on it is gone.

    KeyReusedError, StillRunningError.
    """
    of_key = (IdempotencyKey.owner_id == owner.id, IdempotencyKey.key == digest_of(key))
    row = session.scalar(select(IdempotencyKey).where(*of_key))
    if row is None:  # let go in this moment
        raise StillRunningError
    if row.fingerprint != fingerprint:
        raise KeyReusedError("Another request was sent with this key before. Nothing was done.")
    return _taken_over(session, row) if row.location is None else row.location


def settle(session: Session, claimed: Claim, location: str) -> None:
    """Write down what was made, to be committed together with it; StillRunningError if the claim was taken over."""
    held = (IdempotencyKey.id == claimed.id, IdempotencyKey.leased_until == claimed.leased_until)
    done = session.execute(update(IdempotencyKey).where(*held).values(location=location))
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has one
        raise StillRunningError


def let_go(session: Session, claimed: Claim) -> None:
    """Forget a claim on which nothing was made: the request may be sent again."""
    held = (IdempotencyKey.id == claimed.id, IdempotencyKey.leased_until == claimed.leased_until)
    session.execute(delete(IdempotencyKey).where(*held, IdempotencyKey.location.is_(None)))


def digest_of(key: str) -> str:
    """Return what is kept of a key: programs may put anything into it."""
    return hashlib.sha256(key.encode()).hexdigest()


def _taken_over(session: Session, row: IdempotencyKey) -> Claim:
    """Claim the key of a request whose process has died; StillRunningError if it may still be at work."""
    at, lease = now(), now() + LEASE
    dead = (IdempotencyKey.id == row.id, IdempotencyKey.location.is_(None), IdempotencyKey.leased_until < at)
    taken = session.execute(update(IdempotencyKey).where(*dead).values(leased_until=lease))
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has one
        raise StillRunningError
    return Claim(row.id, lease)
