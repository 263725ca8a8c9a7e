"""Count and time requests where the web server asks: those too that the application has not seen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from app.metrics.measures import REQUEST_SECONDS, REQUESTS

ENDPOINT = "lentigo.endpoint"
NO_PAGE = "none"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
STATUS_DIGITS = 3


def init_app(app: Flask) -> None:
    """Have each request say which endpoint answers it."""
    app.before_request(_name_endpoint)


def _name_endpoint() -> None:
    request.environ[ENDPOINT] = request.endpoint or NO_PAGE


class Counted:
    """A site whose requests are counted; what answers is told by its endpoint, never by an address."""

    def __init__(self, site: WSGIApplication) -> None:
        self._site = site

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, and count it; what breaks off without an answer is counted as 500."""
        began, answered = time.perf_counter(), "500"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal answered
            answered = status[:STATUS_DIGITS]
            return start_response(status, headers, exc_info)

        try:
            return self._site(environ, start)
        finally:
            seconds = time.perf_counter() - began
            asked = environ.get("REQUEST_METHOD", "")
            endpoint, method = environ.get(ENDPOINT, NO_PAGE), asked if asked in METHODS else "other"
            REQUESTS.labels(endpoint, method, answered).inc()
            REQUEST_SECONDS.labels(endpoint, method).observe(seconds)
