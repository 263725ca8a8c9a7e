"""Trace requests: by method and endpoint, as a part of what a proxy has begun."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.metrics.requests import ENDPOINT, METHODS, NO_PAGE
from app.tracing import span

LONGEST = 64  # characters of a header that says where a trace has begun
BEGAN = "HTTP_TRACEPARENT"
REQUEST_ID = "X-Request-ID"


class Traced:
    """A site whose requests are traced; a stranger who sends a trace's id has the request belong to it, no more."""

    def __init__(self, site: WSGIApplication) -> None:
        self._site = site

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request as a step of a trace."""
        began = str(environ.get(BEGAN, ""))
        came_from = {"traceparent": began} if 0 < len(began) <= LONGEST else {}
        asked = environ.get("REQUEST_METHOD", "")
        method = asked if asked in METHODS else "other"
        with span("request", "server", came_from, http__request__method=method) as under_way:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                endpoint, named = environ.get(ENDPOINT, NO_PAGE), dict(headers).get(REQUEST_ID, "")
                under_way.rename(f"{method} {endpoint}")
                under_way.tell(http__response__status_code=int(status[:3]), endpoint=endpoint, request_id=named)
                return start_response(status, headers, exc_info)

            return self._site(environ, start)
