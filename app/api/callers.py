"""Who calls the API: whose token came along, whether it is valid, and how often it was used in this minute."""

from __future__ import annotations

import re
from typing import cast

from flask import Flask, Request, Response, current_app, g
from flask_login import current_user

from app.api.tokens.scopes import includes
from app.api.tokens.services import count_request, seconds_left, token_row
from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from app.clock import now
from app.errors import AppError, ThrottledError, UnauthenticatedError
from app.extensions import db, login_manager
from app.security.gate import by_token

BEARER = re.compile(r"bearer +([!-~]+) *", re.IGNORECASE)
CHALLENGE = 'Bearer realm="Lentigo"'
WINDOW = 60  # seconds


class MissingTokenError(UnauthenticatedError):
    """No token came along."""

    kind = "token-missing"
    title = "A token is needed"

    def __init__(self) -> None:
        super().__init__("Send an access token: a header “Authorization: Bearer lentigo_…”.")
        self.headers["WWW-Authenticate"] = CHALLENGE


class InvalidTokenError(UnauthenticatedError):
    """The token that came along is nobody's, is revoked, or its time is over."""

    kind = "token-invalid"
    title = "This token is not valid"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'


class ScopeError(AppError):
    """The token is not meant for this."""

    status = 403
    kind = "scope-insufficient"
    title = "This token may not do this"

    def __init__(self, needed: str) -> None:
        super().__init__(f"This needs a token with the scope “{needed}”.")
        self.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="insufficient_scope", scope="{needed}"'


class TooManyRequestsError(ThrottledError):
    """The token was used too often in this minute."""

    kind = "too-many-requests"
    title = "Too many requests"


def init_app(app: Flask) -> None:
    """Count every request behind the gate, and say with each answer how many are left."""
    app.before_request(_count)
    app.after_request(_tell)


def caller() -> User:
    """Return who calls."""
    return cast(User, current_user._get_current_object())


def token_of_caller() -> AccessToken:
    """Return the row of the token that came along."""
    return db.session.get_one(AccessToken, g.token_id)


def require_scope(needed: str) -> None:
    """Raise ScopeError unless the token of this request may do what needs a scope."""
    if not includes(g.token_scope, needed):
        raise ScopeError(needed)


@login_manager.request_loader  # type: ignore[untyped-decorator]  # Flask-Login is untyped
def load_caller(request: Request) -> User | None:
    """Return whose token came along; None, and for the gate the reason, if there is none that is valid."""
    if not by_token():
        return None
    row = _token_of(request)
    if row is None:
        return None
    g.token_id, g.token_public_id, g.token_scope = row.id, row.public_id, row.scope
    return row.owner


def _token_of(request: Request) -> AccessToken | None:
    """Return the row of the token that came along, or None with the reason in `g.refusal`."""
    found = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        g.refusal = MissingTokenError()
        return None
    row = token_row(db.session(), found[1])
    if row is None:
        g.refusal = InvalidTokenError("There is no such access token. It may have been revoked.")
    elif row.expired:
        g.refusal = InvalidTokenError("The time of this access token is over. Please make another.")
        return None
    elif not row.owner.is_active:
        g.refusal = InvalidTokenError("The account of this access token has been disabled.")
        return None
    return row


def _count() -> None:
    """Count the request before its work begins; TooManyRequestsError if there were too many."""
    if not by_token() or "token_id" not in g:
        return
    at, limit = now(), current_app.config["SETTINGS"].api_requests_per_minute
    requests = count_request(db.session(), g.token_id, at)
    db.session.commit()  # counted whatever becomes of it, and no lock is held while a photograph is looked at
    wait = seconds_left(at)
    g.rate = (limit, max(0, limit - requests), wait)
    if requests > limit:
        raise TooManyRequestsError(f"A token may make {limit} requests a minute. Wait {wait} seconds.", wait)


def _tell(response: Response) -> Response:
    """Write how many requests are left, in the words of the IETF's draft on RateLimit header fields."""
    if "rate" in g and by_token():
        limit, left, wait = g.rate
        response.headers["RateLimit-Policy"] = f'"token";q={limit};w={WINDOW}'
        response.headers["RateLimit"] = f'"token";r={left};t={wait}'
    return response
