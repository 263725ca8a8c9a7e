"""The gate: every page is closed to anonymous people unless its view is marked as open, and to roles not meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import NotAllowedError, NotFoundError, UnauthenticatedError
from app.security.roles import CLINICIAN, roles_of

View = TypeVar("View", bound=Callable[..., Any])

STATIC = "static"
API = "/api/v1/"  # here a token says who asks, and everywhere else the session cookie
MARK = "open_to_everyone"


def open_to_everyone(view: View) -> View:
    """Mark a view as open to people who have not signed in."""
    setattr(view, MARK, True)
    return view


def is_open(app: Flask, endpoint: str) -> bool:
    """Tell whether an endpoint is open to everyone."""
    return endpoint == STATIC or getattr(app.view_functions.get(endpoint), MARK, False) is True


def by_token() -> bool:
    """Tell whether the request is for the API: a session cookie is worth nothing there, nor a token elsewhere."""
    return request.path.startswith(API)


def init_app(app: Flask) -> None:
    """Put the gate before every page."""
    app.before_request(_turn_away)
    app.add_template_global(may_use)


def _turn_away() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or is_open(current_app, endpoint):  # without endpoint there is no page: 404 or 405
        return None
    if current_user.is_authenticated:
        _require_role(endpoint)
        return None
    if by_token():
        raise g.get("refusal") or UnauthenticatedError("You need to sign in for this.")
    return redirect(url_for("auth.sign_in", next=way_back()))


def may_use(endpoint: str) -> bool:
    """Tell whether the role of whoever is signed in is meant to use an endpoint, for any template."""
    return current_user.is_authenticated and current_user.role in roles_of(current_app, endpoint)


def _require_role(endpoint: str) -> None:
    if may_use(endpoint):
        return
    if CLINICIAN not in roles_of(current_app, endpoint):
        raise NotFoundError("There is no such page.")
    raise NotAllowedError("Your account may look at this clinic's records, and not change them.")


def way_back() -> str | None:
    """Return where to go after signing in: this address, if it can be asked for with GET.

    So does a form that was sent too late: its address says which patient it was about.
    """
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not adapter.test(request.path, method="GET"):
        return None
    return address_asked_for()


def address_asked_for() -> str:
    """Return the path and query of this request, as an address."""
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")
