"""Headers that every answer carries: what a page may load, who may frame it, that nobody keeps it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",  # blob: the preview before sending; data: the icons in Bootstrap's CSS
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
YEAR = 365 * 24 * 3600
DAY = 24 * 3600
KEPT = "kept_by_browsers"

View = TypeVar("View", bound=Callable[..., Any])

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the check of forms over HTTPS needs it on our own pages
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def kept_by_browsers(view: View) -> View:
    """Mark a view whose answers are about no patient: a browser may keep them for a day."""
    setattr(view, KEPT, True)
    return view


def init_app(app: Flask) -> None:
    """Send the headers with every answer."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].https:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if request.endpoint != "static":  # no patient comes back with the back button after sign-out
        kept = response.status_code == HTTPStatus.OK and _may_be_kept(request.endpoint)
        response.headers["Cache-Control"] = f"private, max-age={DAY}" if kept else "no-store"
    return response


def _may_be_kept(endpoint: str | None) -> bool:
    return getattr(current_app.view_functions.get(endpoint or ""), KEPT, False) is True
