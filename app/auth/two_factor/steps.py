"""From the right password to the session: at once, or by a second step where the account has one."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app.audit import tell
from app.auth.sessions import begin_session
from app.auth.tables import User
from app.auth.two_factor import pending, services
from app.auth.two_factor.selectors import second_factor_of
from app.extensions import db

PASSWORD = "password"  # noqa: S105 - how somebody signed in
APP = "password and authenticator app"
RECOVERY_CODE = "password and recovery code"
PASSKEY = "passkey"
PASSWORD_AND_PASSKEY = "password and passkey"  # noqa: S105 - how somebody signed in


def after_password(user: User, destination: str | None) -> ResponseReturnValue:
    """Sign in a person whose password was right, or ask for the second step; the caller commits."""
    if not second_factor_of(db.session(), user.id):
        return go_in(user, PASSWORD, destination)
    pending.begin(db.session(), user)
    tell(tried=user.id, clinic_id=user.clinic_id, second_step=True)
    return redirect(url_for("second_step.show", next=destination), 303)


def go_in(user: User, how: str, destination: str | None) -> ResponseReturnValue:
    """Begin the session of a person who has proved enough; the caller commits."""
    services.forgive(db.session(), user_id=user.id)
    begin_session(user, how=how)
    return redirect(destination or url_for("dashboard.home"), 303)
