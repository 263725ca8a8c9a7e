"""What goes when somebody leaves a clinic: features say so themselves, for theirs lies above."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.auth.tables import User

Parting = Callable[[Session, User], None]
PARTINGS: list[Parting] = []


def on_leaving(parting: Parting) -> Parting:
    """Have something done, in the same transaction, whenever an account leaves its clinic."""
    PARTINGS.append(parting)
    return parting


def part(session: Session, user: User) -> None:
    """Do all that is to be done."""
    for parting in PARTINGS:
        parting(session, user)
