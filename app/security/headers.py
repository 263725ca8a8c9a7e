"""Headers that every answer carries: what it may load and use, who may frame it, that nobody keeps it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from app.security import policy
from config import Settings

YEAR = 365 * 24 * 3600
DAY = 24 * 3600
KEPT = "kept_by_browsers"
LEAVING = "empties_caches"
HTML = "text/html"
# what browsers and programs read of an address, and keep under no name
READ_WITHIN_PAGES = frozenset(
    {
        HTML, "application/json", "application/problem+json", "application/manifest+json", "text/event-stream",
        "text/javascript",
    }
)  # fmt: skip

View = TypeVar("View", bound=Callable[..., Any])

# of every answer, and of those that are given before there is an application: see `hosts`, and `app.web_server`
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that don't know `frame-ancestors`
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "same-origin",  # the check of forms over HTTPS needs it on our own pages
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
}
REFUSAL = {**HEADERS, "Content-Security-Policy": policy.FILE_POLICY, "Cache-Control": "no-store"}


def kept_by_browsers(view: View) -> View:
    """Mark a view whose answers are about no patient: a browser may keep them for a day."""
    setattr(view, KEPT, True)
    return view


def empties_caches(view: View) -> View:
    """Mark a view after which the browser forgets the pages and pictures that it holds, those to go back to as well.

    What waits on the device to be sent is in its storage, and stays.
    """
    setattr(view, LEAVING, True)
    return view


def init_app(app: Flask) -> None:
    """Send the headers with every answer."""
    policy.init_app(app)
    app.after_request(_protect)


def strict_transport(settings: Settings) -> str:
    """Return for how long browsers are to come back over HTTPS alone."""
    return f"max-age={YEAR}; includeSubDomains" if settings.hsts_subdomains else f"max-age={YEAR}"


def _protect(response: Response) -> Response:
    settings, headers = current_app.config["SETTINGS"], response.headers
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Permissions-Policy", policy.permissions_policy())
    is_page = response.mimetype == HTML
    headers.setdefault("Content-Security-Policy", policy.page_policy() if is_page else policy.FILE_POLICY)
    if response.mimetype not in READ_WITHIN_PAGES and request.endpoint != "static":
        headers.setdefault("Content-Disposition", "attachment")  # what was not made by `downloads`
    if settings.https:
        headers.setdefault("Strict-Transport-Security", strict_transport(settings))
    if _marked(LEAVING):
        headers.setdefault("Clear-Site-Data", '"cache"')
    if request.endpoint != "static":  # no patient comes back with the back button after sign-out
        kept = response.status_code == HTTPStatus.OK and _marked(KEPT)
        headers["Cache-Control"] = f"private, max-age={DAY}" if kept else "no-store"
    return response


def _marked(mark: str) -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), mark, False) is True
