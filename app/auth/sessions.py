"""The session of a person: begun anew at sign-in, ended for good at sign-out or after the set time."""

from __future__ import annotations

from flask import current_app, session
from flask_login import login_user, logout_user

from app.auth.services import user_by_session_token
from app.auth.tables import User
from app.clock import now
from app.extensions import db, login_manager
from app.security.gate import by_token

BEGAN = "began"


def begin_session(user: User) -> None:
    """Sign a person in, with nothing left of the session before."""
    session.clear()
    session.permanent = True
    session[BEGAN] = int(now().timestamp())
    login_user(user)


def end_session() -> None:
    """Sign out, with nothing left of the session."""
    logout_user()
    session.clear()


def session_end() -> int:
    """Return the second, in Unix time, at which the session of this request ends by itself."""
    return int(session.get(BEGAN, 0) + current_app.permanent_session_lifetime.total_seconds())


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login is untyped
def load_user(token: str) -> User | None:
    """Return whom the session cookie names, unless its time is over, or a token is wanted."""
    if by_token():
        return None
    age = now().timestamp() - session.get(BEGAN, 0)
    if age > current_app.permanent_session_lifetime.total_seconds():
        return None
    return user_by_session_token(db.session(), token=token)
