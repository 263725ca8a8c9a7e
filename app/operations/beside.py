"""What a worker answers on a port of its own: whether it lives, whether it could work, and what it has counted."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from app.security.headers import REFUSAL
from app.security.hosts import PROBES

PATIENCE = 10  # seconds that a question may take to arrive


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, *_said: object) -> None:
        """Write nothing: the application's log tells of requests."""


def answer_beside(app: Flask) -> WSGIServer | None:
    """Answer on the port that is set, until the process ends; None if none is."""
    settings = app.config["SETTINGS"]
    if settings.worker_port is None:
        return None
    server = make_server(settings.host, settings.worker_port, _Probes(app), _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server


class _Probes:
    """The part of a site that tells how it does."""

    def __init__(self, site: Flask) -> None:
        self._site = site

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the site does; of all else there is nothing here."""
        if environ.get("PATH_INFO") in PROBES:
            return self._site(environ, start_response)
        start_response(f"{HTTPStatus.NOT_FOUND.value} Not Found", [*REFUSAL.items()])
        return []
