"""What else opens an account besides its password: each feature says how that is made worthless."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.auth.tables import User

Revocation = Callable[[Session, User], None]
REVOCATIONS: list[Revocation] = []


def revocation(function: Revocation) -> Revocation:
    """Make a function one that is called when somebody wants nobody else to have access any more."""
    REVOCATIONS.append(function)
    return function


def revoke_all(session: Session, *, user: User) -> None:
    """Make worthless what programs open a person's account with. The caller commits."""
    for revoke in REVOCATIONS:
        revoke(session, user)
