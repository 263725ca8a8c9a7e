"""The session of a person: begun anew at sign-in, ended for good at sign-out or after the set times."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import current_app, g, request, session
from flask_login import login_user, logout_user

from app.auth import browsers, devices, sign_ins
from app.auth.sign_ins import Device, Times
from app.auth.tables import SignIn, User
from app.clock import now
from app.extensions import db, login_manager
from app.security.gate import by_token

TOKEN = "_user_id"  # noqa: S105 - where Flask-Login looks for it
BY_PASSWORD = "password"  # noqa: S105 - how somebody signed in


def begin_session(user: User, *, how: str = BY_PASSWORD) -> SignIn:
    """Sign a person in, with nothing left of the session before; the caller commits.

    `how` says by which means, in the words of the page that lists sign-ins.
    """
    former = _of_cookie(session.get(TOKEN))
    if former is not None:
        sign_ins.end(db.session(), row=former)
    row, token = sign_ins.begin(db.session(), user=user, how=how, device=_device(), at=now(), times=times())
    session.clear()
    session.permanent = True
    user.last_sign_in_at = now()
    login_user(user)
    session[TOKEN], g.sign_in = token, row
    devices.remember(user.email)
    return row


def end_session() -> None:
    """Sign out here, with nothing left of the session; the caller commits."""
    row = current_sign_in()
    if row is not None:
        sign_ins.end(db.session(), row=row)
    logout_user()
    session.clear()


def renew_session(*, proved_at: datetime | None = None) -> None:
    """Give this session's cookie another token, as at every change of what it may do; the caller commits.

    `proved_at` is when the person has proved anew to be who they are.
    """
    row = current_sign_in()
    token = None if row is None else sign_ins.renew(db.session(), row=row, proved_at=proved_at)
    if token is not None:
        session[TOKEN] = token


def current_sign_in() -> SignIn | None:
    """Return the sign-in of this request; None if nobody is signed in, or if it is by token."""
    return cast("SignIn | None", g.get("sign_in"))


def session_end() -> int:
    """Return the second, in Unix time, at which the session of this request ends however much it is used."""
    row = current_sign_in()
    return 0 if row is None else int(row.ends_at.timestamp())


def times() -> Times:
    """Return how long sign-ins last."""
    return Times.of(current_app.config["SETTINGS"])


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login is untyped
def load_user(token: str) -> User | None:
    """Return whom the session cookie names, unless its time is over, or a token is wanted."""
    if by_token():
        return None
    row = _of_cookie(token)
    if row is None:
        return None
    g.sign_in = row
    return row.user


def _of_cookie(token: str | None) -> SignIn | None:
    return None if token is None else sign_ins.by_token(db.session(), token=token, at=now(), times=times())


def _device() -> Device:
    return Device(browsers.in_words(request.user_agent.string), (request.remote_addr or "")[:45])
