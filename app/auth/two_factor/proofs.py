"""Proving it again with an authenticator app or a recovery code: an account's password alone is then not enough."""

from __future__ import annotations

from app.auth.proof import proof
from app.auth.tables import User
from app.auth.two_factor import recovery, services
from app.auth.two_factor.forms import LONGEST_CODE, digits
from app.auth.two_factor.selectors import second_factor_of
from app.extensions import db


def _is_offered(user: User) -> bool:
    """Tell whether the person has a second factor, and with it recovery codes."""
    return second_factor_of(db.session(), user.id)


@proof("code", wrong="This code is not right, or was used already.", offered=_is_offered)
def is_code(user: User, written: str) -> bool:
    """Tell whether this is an unused code of the person's app, or one of the recovery codes; use it up."""
    if len(written) > LONGEST_CODE:
        return False
    code = digits(written) or ""
    session = db.session()
    services.count_attempt(session, user_id=user.id)
    right = services.accept_code(session, user_id=user.id, code=code)
    right = right or recovery.spend(session, user_id=user.id, code=code)
    if right:
        services.forgive(session, user_id=user.id)
    return right
