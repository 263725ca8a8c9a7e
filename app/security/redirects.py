"""Redirects that can only lead to our own pages."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# printable ASCII without the backslash, which browsers read as a slash
LOCAL = re.compile(r"/(?!/)[!-\[\]-~]*")
DECODINGS = 3  # proxies on the way may each undo one
LONGEST = 2000


def local_address(target: str | None) -> str | None:
    """Return `target` if it is a path on this site, with an optional query; None if it is anything else."""
    if not target or len(target) > LONGEST or not LOCAL.fullmatch(target):
        return None
    path = urlsplit(target).path
    for _ in range(DECODINGS):
        if not _stays_here(path):
            return None
        path = unquote(path)
    return target if _stays_here(path) else None


def own_page(target: str | None) -> str | None:
    """Return `target` if it is the address of a page of this application that GET can reach, else None."""
    address = local_address(target)
    adapter = current_app.create_url_adapter(request)
    if address is None or adapter is None:
        return None
    try:
        endpoint, _ = adapter.match(unquote(urlsplit(address).path), method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return None if endpoint == "static" else address


def _stays_here(path: str) -> bool:
    return path.startswith("/") and "//" not in path and "\\" not in path and path.isprintable()
