"""Known devices: after a sign-in a browser keeps a cookie, by which its attempts are counted by themselves.

So whoever guesses somebody's password elsewhere can't keep them waiting on a device of their own, nor can a neighbour
in the same network. The cookie opens nothing: a copy of it allows a few attempts. (OWASP, Slow Down Online Guessing
Attacks with Device Cookies.) One browser remembers several accounts, as computers of a clinic are shared.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.auth.services import normal_email

LIFETIME = timedelta(days=180)
MOST = 12  # accounts of one browser
SHORT = 22  # characters of a digest that tell one account of a browser from another


def known(email: str) -> str | None:
    """Return the name by which this browser is known to an account; None if it isn't."""
    return dict(_kept()).get(_account(email))


def remember(email: str) -> None:
    """Let the answer to this request make the browser known to an account."""
    account = _account(email)
    others = [pair for pair in _kept() if pair[0] != account][-(MOST - 1) :]
    content = _serializer().dumps([*others, [account, secrets.token_urlsafe(16)]])

    @after_this_request
    def _send(response: Response) -> Response:
        response.set_cookie(
            _name(),
            content,
            max_age=LIFETIME,
            path="/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _kept() -> list[tuple[str, str]]:
    try:
        kept = _serializer().loads(request.cookies.get(_name(), ""), max_age=int(LIFETIME.total_seconds()))
    except BadSignature:
        return []
    return [(str(account), str(name)) for account, name in kept]


def _account(email: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"known:{normal_email(email)}".encode(), hashlib.sha256).hexdigest()[:SHORT]


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-devices")
