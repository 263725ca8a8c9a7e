"""What can be done with accounts."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.passwords import Passwords
from app.auth.tables import ONLY, Clinic, FirstAccount, User
from app.errors import AppError
from app.security.roles import ADMINISTRATOR


class EmailTakenError(AppError):
    """There is an account with this e-mail address already."""

    status = 409
    title = "This account exists"


class ClosedError(AppError):
    """Accounts can't be made by whoever wants one."""

    status = 403
    title = "Accounts are made by invitation"

    def __init__(self) -> None:
        super().__init__("Please ask an administrator of your clinic, or whoever runs this site, for an account.")


def normal_email(email: str) -> str:
    """Return the spelling under which an e-mail address is kept."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def found(session: Session, *, name: str) -> Clinic:
    """Make a clinic, and flush the row; others may have the same name."""
    clinic = Clinic(name=name)
    session.add(clinic)
    session.flush()
    return clinic


def named_after(person: str) -> str:
    """Return how the clinic of one person is called, until an administrator gives it another name."""
    return f"Clinic of {person}"


def user_by_email(session: Session, *, email: str) -> User | None:
    """Return whose e-mail address this is; None if nobody's."""
    user: User | None = session.scalar(select(User).where(User.email == normal_email(email)))
    return user


def is_empty(session: Session) -> bool:
    """Tell whether the site has no account yet."""
    return session.scalar(select(User.id).limit(1)) is None


def register(
    session: Session,
    passwords: Passwords,
    *,
    name: str,
    email: str,
    password: str,
    clinic: Clinic | None = None,
    role: str = ADMINISTRATOR,
) -> User:
    """Create an account, with a clinic of its own unless there is one to join.

    EmailTakenError, and the session rolled back, if the e-mail address has an account.
    """
    password_hash = passwords.hash(password)
    return add_account(session, name=name, email=email, password_hash=password_hash, clinic=clinic, role=role)


def add_account(
    session: Session,
    *,
    name: str,
    email: str,
    password_hash: str,
    clinic: Clinic | None = None,
    role: str = ADMINISTRATOR,
) -> User:
    """Create an account whose password was hashed before, as `register` does."""
    user = User(
        clinic_id=(clinic or found(session, name=named_after(name))).id,
        role=role,
        name=name,
        email=normal_email(email),
        password_hash=password_hash,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # asked of the database alone: two may register the same at the same time
        session.rollback()
        raise EmailTakenError("There is already an account with this e-mail address.") from error
    return user


def claim_first(session: Session, user: User) -> None:
    """Make an account the first of a site that takes no others; ClosedError, the session rolled back, for a second."""
    session.add(FirstAccount(id=ONLY, user_id=user.id))
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise ClosedError from error


def authenticate(session: Session, passwords: Passwords, *, email: str, password: str) -> User | None:
    """Return whose e-mail address and password these are; None, after as long a time, if nobody's or disabled."""
    user = user_by_email(session, email=email)
    if not passwords.verify(user.password_hash if user else None, password) or user is None or not user.is_active:
        return None
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash(password)
    return user
