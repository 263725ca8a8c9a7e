"""Between the two steps of signing in: a row, and in the browser's cookie a token that names it and opens no page."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import current_app, session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.auth.two_factor.tables import PendingSignIn
from app.clock import now

TOKEN = "second_step"  # noqa: S105 - where the session keeps it
LIFETIME = timedelta(minutes=10)


def begin(database: Session, user: User) -> None:
    """Let a person whose password was right go on to the second step in this browser."""
    token = secrets.token_urlsafe(32)
    database.execute(delete(PendingSignIn).where(PendingSignIn.at <= now() - LIFETIME))
    database.add(PendingSignIn(digest=_digest(token), user_id=user.id, fingerprint=_fingerprint(user), at=now()))
    if TOKEN not in session:  # else it has nothing from before, and the form in another tab stays good
        session.clear()
    session[TOKEN] = token


def pending_user(database: Session) -> User | None:
    """Return who is between the two steps in this browser; None if nobody is, or it took too long."""
    found = database.execute(
        select(User, PendingSignIn.fingerprint)
        .join(PendingSignIn, PendingSignIn.user_id == User.id)
        .where(PendingSignIn.digest == _digest(_token()), PendingSignIn.at > now() - LIFETIME)
    ).one_or_none()
    if found is None or not hmac.compare_digest(found.fingerprint, _fingerprint(found.User)):
        return None
    user: User = found.User
    return user if user.is_active else None


def finish(database: Session) -> bool:
    """Use up the sign-in that waits in this browser; False if somebody else just did, with a copy of the cookie."""
    done = database.execute(delete(PendingSignIn).where(PendingSignIn.digest == _digest(_token())))
    return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # a DELETE has one


def withdraw(database: Session, *, user_id: int) -> None:
    """End all sign-ins of an account that wait for their second step."""
    database.execute(delete(PendingSignIn).where(PendingSignIn.user_id == user_id))


def whose(user: User) -> str:
    """Return what a form of the second step calls the account, so that a page of another tab is told from this one."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"second-step:{user.id}".encode(), hashlib.sha256).hexdigest()[:32]


def _token() -> str:
    return str(session.get(TOKEN, ""))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _fingerprint(user: User) -> str:
    return hashlib.sha256(f"pending:{user.password_hash}".encode()).hexdigest()
