"""What is answered to those for whom there is no place: made once, since there is no time for it when it is needed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from flask import Flask, g, json, render_template

from app.errors import BusyError
from app.extensions import login_manager
from app.security.gate import API
from app.security.headers import REFUSAL, strict_transport
from app.security.policy import page_policy
from app.security.scripts import FETCH, HEADER, QUEUE

RELOAD = "Reload this page to do so: the browser has the whole form still, and asks whether it may send it again."
STATUS = f"{HTTPStatus.SERVICE_UNAVAILABLE.value} {HTTPStatus.SERVICE_UNAVAILABLE.phrase}"
EVERY = 10.0  # seconds between two lines of the log
SENT_BY = f"HTTP_{HEADER.upper().replace('-', '_')}"

log = structlog.get_logger(__name__)


class Refusals:
    """The answer of a site that is busy: a page, a sentence for our scripts, or problem details under /api."""

    def __init__(self, app: Flask) -> None:
        settings = app.config["SETTINGS"]
        self._refused, self._told = 0, -EVERY
        self._further = {"Strict-Transport-Security": strict_transport(settings)} if settings.https else {}
        with app.test_request_context("/"):
            g._login_user = login_manager.anonymous_user()  # who asks is not looked up
            g.demonstration = False
            message = f"{BusyError.sentence} {RELOAD}"
            page = render_template("errors/error.html", status=BusyError.status, title=BusyError.title, message=message)
            self._page = page.encode()
            self._policy = page_policy()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse, retry_after: int) -> Iterable[bytes]:
        """Answer that there is no place, and when to come again; nothing of what was sent is read."""
        self._tell()
        kind, policy, content = self._suited_to(environ)
        headers = {
            **REFUSAL, **self._further, "Content-Security-Policy": policy, "Content-Type": kind,
            "Content-Length": str(len(content)), "Retry-After": str(retry_after),
        }  # fmt: skip
        start(STATUS, list(headers.items()))
        return [content]

    def _tell(self) -> None:
        """Log how many were refused, every so often: by each of them, the log would be all that is done."""
        self._refused += 1
        moment = time.monotonic()
        if moment - self._told >= EVERY:
            structlog.contextvars.clear_contextvars()  # of a request that this thread has answered before
            log.warning("refused_busy", requests=self._refused)
            self._refused, self._told = 0, moment

    def _suited_to(self, environ: WSGIEnvironment) -> tuple[str, str, bytes]:
        """Return content type, policy and content for whoever asks."""
        nothing = REFUSAL["Content-Security-Policy"]
        if environ["PATH_INFO"].startswith(API):
            return "application/problem+json", nothing, json.dumps(_problem(environ["PATH_INFO"])).encode()
        if environ.get(SENT_BY) in (FETCH, QUEUE):
            return "application/json", nothing, json.dumps({"error": BusyError.sentence}).encode()
        return "text/html; charset=utf-8", self._policy, self._page


def _problem(path: str) -> dict[str, object]:
    return {
        "type": f"/api/docs#{BusyError.kind}",
        "title": BusyError.title,
        "status": BusyError.status,
        "detail": BusyError.sentence,
        "instance": path,
    }
