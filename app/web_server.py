"""Settings of gunicorn: ``gunicorn --config python:app.web_server wsgi:app``."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn import util

from app.decoding.origins import origins
from app.memory import return_large_blocks
from app.security.headers import REFUSAL
from config import settings_or_exit

LIVE = "/live/"

_settings = settings_or_exit()
return_large_blocks()  # the processes that are forked inherit it

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
threads = _settings.web_threads + _settings.live_streams  # streams leave the pages theirs
worker_class = "gthread"
preload_app = False  # each process opens its own database and loads its own classifier
timeout = 60
graceful_timeout = 8
keepalive = 5
limit_request_line = 8190  # the most that gunicorn counts: a search may carry many words
limit_request_fields = 64
limit_request_field_size = 8190
loglevel = "warning"
forwarded_allow_ips = ""  # proxies are believed by the setting trusted_proxies, and nowhere else
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Have the open streams end once the process is told to stop, and the pages answered by so many threads only.

    What reads photographs is started, so that the first need not wait for it.
    """
    origins.start()
    worker.wsgi.extensions["live"].stopping = lambda: not worker.alive
    worker.wsgi = in_turns(worker.wsgi, _settings.web_threads)


def write_refusal(connection: Any, status: int, _reason: str, _message: str) -> None:
    """Answer what was no request that could be read: as protected as all else, and with nothing of it repeated."""
    text = f"{HTTPStatus(status).phrase}\n"
    headers = {**REFUSAL, "Connection": "close", "Content-Type": "text/plain", "Content-Length": str(len(text))}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    util.write_nonblock(connection, "\r\n".join([*lines, "", text]).encode("ascii"))


util.write_error = write_refusal  # gunicorn has no setting for it


def in_turns(site: WSGIApplication, most: int) -> WSGIApplication:
    """Let `most` requests be answered at a time, besides those for what is live.

    The threads of the streams would else take photographs too while no stream is open, and each of these needs memory.
    """
    turns = threading.BoundedSemaphore(most)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(LIVE):
            return site(environ, start_response)
        with turns:
            return site(environ, start_response)

    return answer
