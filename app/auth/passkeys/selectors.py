"""Queries for passkeys: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.passkeys.tables import Passkey
from app.auth.tables import User
from app.errors import NotFoundError


def passkeys_of(user: User) -> Select[Passkey]:
    """Select the passkeys of a person."""
    return select(Passkey).where(Passkey.user_id == user.id)


def all_passkeys_of(session: Session, user: User) -> Sequence[Passkey]:
    """Return a person's passkeys, the newest first."""
    return session.scalars(passkeys_of(user).order_by(Passkey.id.desc())).all()


def passkey_of(session: Session, user: User, public_id: str) -> Passkey:
    """Return one passkey of a person; NotFoundError if there is none, or if it is another's."""
    passkey = session.scalar(passkeys_of(user).where(Passkey.public_id == public_id))
    if passkey is None:
        raise NotFoundError("There is no such passkey. It may have been removed.")
    return passkey
