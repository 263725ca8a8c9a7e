"""Links that can be used once: made, mailed, looked at, used. The caller commits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.links.tables import Link
from app.auth.tables import User
from app.clock import now
from app.errors import AppError

RESET, EMAIL, REGISTRATION = "reset", "email", "registration"
LIFETIMES = {RESET: timedelta(minutes=30), EMAIL: timedelta(hours=2), REGISTRATION: timedelta(hours=2)}


class UsedLinkError(AppError):
    """A link was used, has expired, was replaced by a later one, or was never made."""

    status = 410
    title = "This link can't be used any more"

    def __init__(self) -> None:
        super().__init__(
            "It was used before, its time is over, or a later one has taken its place. Please ask for another."
        )


def prepare(session: Session, *, purpose: str, user: User | None = None, **facts: Any) -> Link:
    """Make a link that nobody has yet, and flush it; earlier ones of an account for the same purpose die."""
    if user is not None:
        withdraw(session, user=user, purpose=purpose)
    link = Link(
        purpose=purpose, user_id=None if user is None else user.id, expires_at=now() + LIFETIMES[purpose], **facts
    )
    session.add(link)
    session.flush()
    return link


def give_out(link: Link) -> str:
    """Return the token of a link for the mail that carries it; one that was given out before opens nothing now."""
    token = secrets.token_urlsafe(32)
    link.digest = digest_of(token)
    return token


def look_at(session: Session, *, purpose: str, token: str) -> Link:
    """Return the link of a token, without using it; UsedLinkError."""
    link = session.scalar(select(Link).where(*_usable(purpose, token)))
    if link is None:
        raise UsedLinkError
    return link


def use(session: Session, *, purpose: str, token: str) -> Link:
    """Use a link up and return what it said; UsedLinkError, for the second of two who use it at once too."""
    link = look_at(session, purpose=purpose, token=token)
    session.expunge(link)
    used = session.scalar(delete(Link).where(Link.id == link.id, *_usable(purpose, token)).returning(Link.id))
    if used is None:
        raise UsedLinkError
    return link


def withdraw(session: Session, *, user: User, purpose: str | None = None) -> None:
    """Make an account's links worthless, all or those for one purpose."""
    links = delete(Link).where(Link.user_id == user.id)
    session.execute(links if purpose is None else links.where(Link.purpose == purpose))


def sweep(session: Session) -> None:
    """Remove the links whose time is over."""
    session.execute(delete(Link).where(Link.expires_at <= now()))


def digest_of(token: str) -> str:
    """Return what is kept of a token, which has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _usable(purpose: str, token: str) -> tuple[Any, ...]:
    return (Link.digest == digest_of(token), Link.purpose == purpose, Link.expires_at > now())
