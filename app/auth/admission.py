"""Attempts at a sign-in or a proof: counted before they are judged, and refused while there were too many."""

from __future__ import annotations

from flask import current_app, request

from app.audit import tell
from app.auth import throttle
from app.extensions import db


def admitted(*, account: str | None, purpose: str = "address", device: str | None = None) -> throttle.Attempt:
    """Count an attempt, and return it if it may be judged; ThrottledError if there were too many before.

    From a known `device` it is counted for that alone.
    """
    session, limits = db.session(), _limits()
    address = request.remote_addr or ""
    attempt = throttle.begin(session, limits, account=account, address=address, purpose=purpose, device=device)
    session.commit()  # before the password is looked at: parallel attempts must see this one
    seconds = throttle.seconds_to_wait(session, limits, attempt)
    if seconds:
        throttle.forget(session, attempt)  # only judged attempts count, or waiting would never end
        session.commit()
        tell(throttled=True)
        raise throttle.refusal(seconds)
    return attempt


def admitted_alone(whose: str) -> throttle.Attempt:
    """Count an attempt of somebody who has shown already who they are, by that alone; ThrottledError.

    Others in the same network neither wait for it nor can make it wait.
    """
    return admitted(account=None, device=whose)


def is_admitted(*, account: str) -> bool:
    """Count what is done for an account, and tell whether it may be done; whoever asked is not told."""
    session, limits = db.session(), _limits()
    attempt = throttle.begin(session, limits, account=account, address=account, purpose="account")
    session.commit()
    if throttle.seconds_to_wait(session, limits, attempt) == 0:
        return True
    throttle.forget(session, attempt)
    session.commit()
    return False


def _limits() -> throttle.Limits:
    return throttle.Limits.of(current_app.config["SETTINGS"], current_app.config["SECRET_KEY"])
