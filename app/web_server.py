"""Settings of gunicorn: ``gunicorn --config python:app.web_server wsgi:app``."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.decoding.origins import origins
from app.memory import return_large_blocks
from app.security.headers import REFUSAL
from app.tracebacks import ExcInfo, without_words
from config import settings_or_exit

LIVE = "/live/"
QUOTING = ("Invalid request from ip=", "Error handling request")  # lines that go on with what somebody has typed

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


class Unquoting(logging.Formatter):
    """Writes lines of the server without what was sent: an address, or half of one, may hold a patient's name."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line; of one that quotes a request no more than that there was such a thing."""
        beginning = next((words for words in QUOTING if str(record.msg).startswith(words)), None)
        if beginning is not None:
            record.msg, record.args = beginning.removesuffix(" from ip="), None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's
        """Write an error by its kind and place."""
        told: ExcInfo = ei
        return without_words(told)


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """The server's own log, without what was sent."""

    def setup(self, cfg: Config) -> None:
        """Write to the standard error as gunicorn does, but for the words of others."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Unquoting(self.error_fmt, self.datefmt))


logger_class = ServerLog


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
