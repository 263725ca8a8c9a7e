"""Attempts at a sign-in or a proof: counted before they are judged, and refused while there were too many."""

from __future__ import annotations

from flask import current_app, request

from app.auth import throttle
from app.extensions import db


def admitted(*, account: str | None, purpose: str = "address") -> throttle.Attempt:
    """Count an attempt, and return it if it may be judged; ThrottledError if there were too many before."""
    session, limits = db.session(), _limits()
    attempt = throttle.begin(session, limits, account=account, address=request.remote_addr or "", purpose=purpose)
    session.commit()  # before the password is looked at: parallel attempts must see this one
    seconds = throttle.seconds_to_wait(session, limits, attempt)
    if seconds:
        throttle.forget(session, attempt)  # only judged attempts count, or waiting would never end
        session.commit()
        raise throttle.refusal(seconds)
    return attempt


def _limits() -> throttle.Limits:
    return throttle.Limits.of(current_app.config["SETTINGS"], current_app.config["SECRET_KEY"])
