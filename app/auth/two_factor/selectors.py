"""Which second factors accounts have: an authenticator app, passkeys, and the recovery codes that are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from app.auth.passkeys.tables import Passkey
from app.auth.tables import User
from app.auth.two_factor.tables import AuthenticatorApp, RecoveryCode


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of an account: since when there is an app, how many passkeys, how many codes are left."""

    app_since: datetime | None
    passkeys: int
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether there is a second step; recovery codes alone are none."""
        return self.app_since is not None or self.passkeys > 0

    @property
    def count(self) -> int:
        """How many there are that somebody could sign in with day by day."""
        return self.passkeys + (self.app_since is not None)


def has_second_factor() -> ColumnElement[bool]:
    """Return a condition on User: the account has a second factor. Lists of accounts select it as a column."""
    app = exists().where(AuthenticatorApp.user_id == User.id, AuthenticatorApp.confirmed_at.is_not(None))
    return or_(app, exists().where(Passkey.user_id == User.id))


def with_second_factor(session: Session, users: Select[User]) -> frozenset[int]:
    """Return the ids of those of some accounts that have a second factor."""
    return frozenset(session.scalars(users.with_only_columns(User.id).where(has_second_factor())))


def second_factor_of(session: Session, user_id: int) -> bool:
    """Tell whether an account has a second factor."""
    return bool(session.scalar(select(has_second_factor()).where(User.id == user_id)))


def factors_of(session: Session, user: User) -> Factors:
    """Return the second factors of a person."""
    app = select(AuthenticatorApp.confirmed_at).where(AuthenticatorApp.user_id == user.id).scalar_subquery()
    passkeys = select(func.count(Passkey.id)).where(Passkey.user_id == user.id).scalar_subquery()
    codes = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user.id).scalar_subquery()
    row = session.execute(select(app, passkeys, codes)).one()
    return Factors(*row)
