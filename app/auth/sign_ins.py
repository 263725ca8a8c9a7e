"""Sign-ins as rows: begun, found by the token of a cookie, seen, proved again, ended. The caller commits."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from app.auth.tables import SignIn, User
from app.errors import NotFoundError
from config import Settings

SEEN_EVERY = timedelta(minutes=1)  # so that hardly a page has to write


@dataclass(frozen=True, slots=True)
class Times:
    """How long a sign-in lasts: at most, and without anybody at work."""

    longest: timedelta
    idle: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Times:
        """Return the times that are set."""
        return cls(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))


@dataclass(frozen=True, slots=True)
class Device:
    """What a person may recognise a sign-in by: the browser in plain words, and the network's address."""

    browser: str
    address: str


def sign_ins_of(user: User) -> Select[SignIn]:
    """Select the sign-ins of a person."""
    return select(SignIn).where(SignIn.user_id == user.id)


def begin(session: Session, *, user: User, how: str, device: Device, at: datetime, times: Times) -> tuple[SignIn, str]:
    """Begin a sign-in and flush its row; return it with the token for the cookie, which is not kept."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        public_id=secrets.token_urlsafe(16),
        user=user,
        digest=digest_of(token),
        how=how,
        browser=device.browser,
        address=device.address,
        created_at=at,
        seen_at=at,
        proved_at=at,
        ends_at=at + times.longest,
    )
    session.add(row)
    session.flush()
    return row, token


def by_token(session: Session, *, token: str, at: datetime, times: Times) -> SignIn | None:
    """Return the sign-in of a cookie's token, with its person; None if it is over, or was never one."""
    row = session.scalar(select(SignIn).where(SignIn.digest == digest_of(token)))
    if row is None or row.ends_at <= at or row.seen_at + times.idle <= at:
        return None
    return row


def current_of(session: Session, *, user: User, at: datetime, times: Times) -> Sequence[SignIn]:
    """Return where a person is signed in, the last used first."""
    lasting = sign_ins_of(user).where(SignIn.ends_at > at, SignIn.seen_at > at - times.idle)
    return session.scalars(lasting.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def is_news(row: SignIn, at: datetime) -> bool:
    """Tell whether it is worth writing down that somebody is at work."""
    return row.seen_at + SEEN_EVERY <= at


def note_seen(session: Session, *, row: SignIn, at: datetime) -> None:
    """Write down that somebody is at work; of several requests at once, the latest counts."""
    seen = update(SignIn).where(SignIn.id == row.id, SignIn.seen_at < at)
    session.execute(seen.values(seen_at=at).execution_options(synchronize_session=False))


def renew(session: Session, *, row: SignIn, proved_at: datetime | None = None) -> str | None:
    """Give a sign-in another token and return it: whoever has a copy of the old cookie is out.

    `proved_at` is when the person has proved anew to be who they are. None if another request was first: its answer
    carries the token.
    """
    token = secrets.token_urlsafe(32)
    changed = {"digest": digest_of(token), "proved_at": proved_at or row.proved_at}
    still = update(SignIn).where(SignIn.id == row.id, SignIn.digest == row.digest)
    renewed = session.scalar(still.values(**changed).returning(SignIn.id))
    return None if renewed is None else token


def end(session: Session, *, row: SignIn) -> None:
    """End a sign-in, if another request has not done so."""
    session.execute(delete(SignIn).where(SignIn.id == row.id))


def end_one_of(session: Session, *, user: User, public_id: str) -> None:
    """End one of a person's sign-ins; NotFoundError if there is none, or if it is another's."""
    row = session.scalar(sign_ins_of(user).where(SignIn.public_id == public_id))
    if row is None:
        raise NotFoundError("There is no such sign-in. It may have ended.")
    end(session, row=row)


def end_all_of(session: Session, *, user: User, but: SignIn | None = None) -> None:
    """End every sign-in of a person, but one if that is to go on."""
    others = delete(SignIn).where(SignIn.user_id == user.id)
    session.execute(others if but is None else others.where(SignIn.id != but.id))


def sweep(session: Session, *, at: datetime, times: Times) -> None:
    """Remove the rows of sign-ins that are over."""
    session.execute(delete(SignIn).where(or_(SignIn.ends_at <= at, SignIn.seen_at <= at - times.idle)))


def digest_of(token: str) -> str:
    """Return what is kept of a token; it has 256 random bits, so that a plain hash can't be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()
