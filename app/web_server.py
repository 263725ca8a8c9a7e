"""Settings of gunicorn: ``gunicorn --config python:app.web_server wsgi:app``."""

from __future__ import annotations

import logging
import os
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.admission.doors import in_turns
from app.admission.lanes import Lane
from app.admission.refusals import Refusals
from app.children import READY
from app.decoding.origins import origins
from app.inference import hold_networks
from app.memory import return_large_blocks, settle
from app.metrics.requests import Counted
from app.metrics.sharing import WEB, folder_of, share, tidy
from app.security.headers import REFUSAL
from app.storage import Storage
from app.tracebacks import ExcInfo, without_words
from app.tracing.requests import Traced
from app.tracing.starting import require_packages, start
from app.waiting import Waiting
from config import settings_or_exit

PAGES_WAITING = 24  # requests of each process that may wait for the turn of a page
PATIENCE = 10.0  # seconds that they may
QUOTING = ("Invalid request from ip=", "Error handling request")  # lines that go on with what somebody has typed

_settings = settings_or_exit()
require_packages(_settings)
return_large_blocks()  # the processes that are forked inherit it
hold_networks(_settings)  # and share them

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_workers
# streams leave the others theirs; what is received or waits has one each, and those who are refused
threads = (
    _settings.web_threads + _settings.live_streams + _settings.upload_turns + _settings.uploads_waiting + PAGES_WAITING
)
worker_class = "app.admission.connections.PatientWorker"
preload_app = False  # each process opens its own database and loads its own classifier
timeout = 60
graceful_timeout = 25  # what is under way may finish
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
    """Have the open streams end once the process is told to stop, and everybody take turns.

    What reads photographs is started, and the classifier loaded, so that the first need not wait for them; and what is
    counted from here on, is for whoever asks any of the processes.
    """
    origins.start()
    share(folder_of(_settings), WEB)
    warming, storage = worker.wsgi.extensions["warming"], worker.wsgi.extensions["storage"]
    worker.wsgi.extensions["live"].stopping = lambda: not worker.alive
    pages = Lane(_settings.web_threads, PAGES_WAITING, PATIENCE)
    turns, room, patience = _settings.upload_turns, _settings.uploads_waiting, _settings.upload_wait_seconds
    photographs = Lane(turns, room, patience, tell=Waiting(_settings.instance).tell)
    start(_settings, WEB)
    worker.wsgi = Traced(Counted(in_turns(worker.wsgi, pages, photographs, Refusals(worker.wsgi))))
    warming.start(partial(_settled, storage, worker.cfg.env.get(READY)))


def _settled(storage: Storage, where: str | None) -> None:
    """Tell the supervisor, if there is one, that this process answers, and keeps nobody waiting for the classifier.

    Whatever is loaded once is there by then, what speaks to an object store as well.
    """
    try:
        storage.ready()
    finally:  # whatever is wrong with it, pages say so
        settle()
        if where is not None:
            os.write(int(where), b"r")


def child_exit(_server: Any, _worker: Any) -> None:
    """Add what a process has counted that is gone to what others had."""
    tidy(folder_of(_settings))


def write_refusal(connection: Any, status: int, _reason: str, _message: str) -> None:
    """Answer what was no request that could be read: as protected as all else, and with nothing of it repeated."""
    text = f"{HTTPStatus(status).phrase}\n"
    headers = {**REFUSAL, "Connection": "close", "Content-Type": "text/plain", "Content-Length": str(len(text))}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    util.write_nonblock(connection, "\r\n".join([*lines, "", text]).encode("ascii"))


util.write_error = write_refusal  # gunicorn has no setting for it
