"""What other sites may make a browser ask of this one: to open a page, and nothing else (Fetch Metadata)."""

from __future__ import annotations

from flask import Flask, request

from app.errors import AppError

FROM_HERE = frozenset({"same-origin", "none"})  # none: typed, a bookmark, an application
READING = frozenset({"GET", "HEAD"})
PAGES = frozenset({"document", "empty"})  # empty: a service worker passes the browser's wish for a page on


class CrossSiteError(AppError):
    """Another site made the browser ask."""

    status = 403
    kind = "cross-site"
    title = "This came from another site"


def init_app(app: Flask) -> None:
    """Turn away what other sites ask, before anybody is known.

    It is the second line behind the forms' tokens and the cookie's SameSite, and the first for pictures and JSON that
    another page would measure. Browsers send the headers over HTTPS and on this machine; who sends none is no browser
    of today, and is let through to the other lines.
    """
    app.before_request(_turn_away)


def _turn_away() -> None:
    if request.headers.get("Sec-Fetch-Site", "none") in FROM_HERE or _opens_a_page():
        return
    raise CrossSiteError("Another site has asked for this in your name. Please open it from Lentigo itself.")


def _opens_a_page() -> bool:
    asked = request.headers
    navigates = asked.get("Sec-Fetch-Mode") == "navigate" and asked.get("Sec-Fetch-Dest") in PAGES
    return navigates and request.method in READING
