"""Under which name a device keeps what waits for a person: one that tells nobody who it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from flask import current_app
from flask_login import current_user

from app.auth.sessions import session_end


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a page is shown to: an opaque `key`, and the second (Unix time) at which the sign-in ends."""

    key: str
    until: int


def person() -> Person | None:
    """Return who is signed in; None if nobody is."""
    if not current_user.is_authenticated:
        return None
    secret = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(secret, f"device:{current_user.id}".encode(), hashlib.sha256)
    return Person(digest.hexdigest()[:32], session_end())
