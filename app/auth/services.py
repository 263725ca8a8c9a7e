"""What can be done with accounts."""

from __future__ import annotations

import secrets
import unicodedata

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.passwords import Passwords
from app.auth.tables import User
from app.errors import AppError


class EmailTakenError(AppError):
    """There is an account with this e-mail address already."""

    status = 409
    title = "This account exists"


def normal_email(email: str) -> str:
    """Return the spelling under which an e-mail address is kept."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def new_session_token() -> str:
    """Return a random token for a session cookie."""
    return secrets.token_urlsafe(32)


def user_by_session_token(session: Session, *, token: str) -> User | None:
    """Return whom a session cookie names; None if the token was withdrawn."""
    return session.scalar(select(User).where(User.session_token == token))


def register(session: Session, passwords: Passwords, *, name: str, email: str, password: str) -> User:
    """Create an account; EmailTakenError, and the session rolled back, if the e-mail address has one."""
    user = User(
        name=name,
        email=normal_email(email),
        password_hash=passwords.hash(password),
        session_token=new_session_token(),
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # asked of the database alone: two may register the same at the same time
        session.rollback()
        raise EmailTakenError("There is already an account with this e-mail address.") from error
    return user


def authenticate(session: Session, passwords: Passwords, *, email: str, password: str) -> User | None:
    """Return whose e-mail address and password these are; None, after as long a time, if nobody's."""
    user: User | None = session.scalar(select(User).where(User.email == normal_email(email)))
    if not passwords.verify(user.password_hash if user else None, password) or user is None:
        return None
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash(password)
    return user


def withdraw_sessions(user: User) -> None:
    """Make every session cookie of a person worthless, copies included."""
    user.session_token = new_session_token()
