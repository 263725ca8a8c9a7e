"""What follows from a change of an account's second factors. The caller commits."""

from __future__ import annotations

import structlog
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.auth import letters, sign_ins
from app.auth.passkeys.tables import Passkey
from app.auth.tables import SignIn, User
from app.auth.two_factor import pending, recovery, services
from app.auth.two_factor.selectors import factors_of
from app.errors import AppError
from app.mail import post

log = structlog.get_logger(__name__)


class LastFactorError(AppError):
    """The last second factor of an account, where one is required."""

    status = 409
    title = "This is your last second factor"


def added(session: Session, user: User, *, here: SignIn | None) -> list[str]:
    """End the sign-ins elsewhere, and return the account's recovery codes if these are its first."""
    _end_elsewhere(session, user, here)
    log.info("second_factor_added", account=user.id)
    return [] if factors_of(session, user).codes_left else recovery.renew(session, user_id=user.id)


def removed(session: Session, user: User, *, here: SignIn | None, required: bool) -> None:
    """End the sign-ins elsewhere, and the recovery codes if nothing is left; LastFactorError where one is required."""
    if not factors_of(session, user).any:
        if required:
            raise LastFactorError(
                "This site requires a second factor. Please set up another one first, then remove this one."
            )
        recovery.remove(session, user_id=user.id)
    _end_elsewhere(session, user, here)
    log.info("second_factor_removed", account=user.id)


def hold(session: Session, user: User) -> None:
    """Let nobody else change this account's factors until the commit: of two removals the second sees the first."""
    this = update(User).where(User.id == user.id).values(name=User.name)
    session.execute(this.execution_options(synchronize_session=False))


def reset(session: Session, user: User) -> bool:
    """Remove all second factors of an account and end its sign-ins; False if there was none."""
    had = factors_of(session, user).any
    services.remove(session, user_id=user.id)
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    recovery.remove(session, user_id=user.id)
    _end_elsewhere(session, user, None)
    log.warning("second_factor_reset", account=user.id)
    return had


def _end_elsewhere(session: Session, user: User, here: SignIn | None) -> None:
    sign_ins.end_all_of(session, user=user, but=here)
    post(session, kind=letters.SIGN_IN_CHANGED, address=user.email)
    pending.withdraw(session, user_id=user.id)
