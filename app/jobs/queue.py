"""The queue between web servers and workers, on whichever engine; or in memory, where jobs run at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import structlog
from flask import Flask
from huey import Huey

from app.jobs.clock import TICK_SECONDS, Worker, send_due
from app.jobs.counting import counted
from app.jobs.engines import Engine
from app.jobs.origin import bound, origin
from app.jobs.registry import JOBS
from app.jobs.running import running
from app.metrics import JOBS_UNSENT
from app.tracing import span

NOTHING: Mapping[str, str] = MappingProxyType({})
MOMENT_SECONDS = 0.5  # that an idle job is put off while photographs wait on this machine
PAUSE_SECONDS = 2.0  # after waiting in vain, requests don't wait again for so long

logging.getLogger("huey").setLevel(logging.WARNING)  # it tells of each task that it takes

log = structlog.get_logger(__name__)


class _InOneLine(logging.Filter):
    """Tells of a queue that is away, each second again, without its traceback: jobs that fail are told of by us."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {record.exc_info[1]}", (), None
        return True


for reader in ("Worker", "Scheduler"):
    logging.getLogger(f"huey.consumer.{reader}").addFilter(_InOneLine())


class UnusableError(Exception):
    """A queue that is away, locked, full or damaged."""


class Queue:
    """One application's queue; opened when first needed, so that one that is away can't stop the start.

    `nobody_waits` tells whether idle jobs may be run now.
    """

    def __init__(self, app: Flask, engine: Engine, nobody_waits: Callable[[], bool] = lambda: True) -> None:
        self._app = app
        self._engine = engine
        self._nobody_waits = nobody_waits
        self._lock = threading.Lock()
        self._huey: Huey | None = None
        self._paused_until = 0.0

    def send(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Enqueue the job called `name`; a queue that takes nothing is logged, never raised."""
        if time.monotonic() < self._paused_until:
            log.error("job_not_sent", job=name, reason="the queue was away a moment ago")
            JOBS_UNSENT.labels(name).inc()
            return
        try:
            self._put(name, args, kwargs)
        except self._engine.errors as error:
            log.error("job_not_sent", job=name, reason=str(error))
            JOBS_UNSENT.labels(name).inc()
            self._paused_until = time.monotonic() + PAUSE_SECONDS if self._engine.remote else 0.0

    def waiting(self) -> int:
        """Count the jobs that wait; UnusableError if the queue can't be read."""
        try:
            return int(self._open().pending_count())
        except self._engine.errors as error:
            raise UnusableError(str(error)) from error

    def ready(self) -> bool:
        """Tell whether a job could be sent now."""
        try:
            self._engine.probe(self._open())
        except self._engine.errors as error:
            log.error("queue_not_ready", reason=str(error))
            return False
        self._paused_until = 0.0
        return True

    def worker(self) -> Worker:
        """Return a worker: sends what the clock says, runs jobs one by one until SIGTERM, and finishes the last.

        UnusableError if the queue can't be opened.
        """
        try:
            huey = self._open()
        except self._engine.errors as error:
            raise UnusableError(f"{error}. {self._engine.advice}") from error
        huey.tick = self.send_due
        return Worker(
            huey,
            workers=1,
            initial_delay=0.1,
            max_delay=1.0,
            scheduler_interval=TICK_SECONDS,
            graceful_signal="TERM",
            shutdown_timeout=10,
        )

    def send_due(self) -> None:
        """Send the periodic jobs that are due; those that the queue does not take stay due."""
        with self._app.app_context():
            try:
                send_due(lambda name: self._put(name, (), {}))
            except self._engine.errors as error:
                log.error("periodic_jobs_not_sent", reason=str(error))

    def _put(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        huey = self._open()
        huey.enqueue(self._task.s(name, list(args), dict(kwargs), origin(), priority=JOBS[name].priority))

    def _open(self) -> Huey:
        with self._lock:
            if self._huey is None:
                huey = self._engine.open()
                self._task = huey.task(name="run")(self._run)
                self._huey = huey
            return self._huey

    def _run(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], taken: Mapping[str, str] = NOTHING
    ) -> None:
        """Run a job; `taken` is what it has taken along from where it was sent."""
        with self._app.app_context(), running(name), bound(name, taken):
            if JOBS[name].is_idle and not self._nobody_waits() and self._put_off(name, args, kwargs):
                return
            try:
                with counted(JOBS[name]), span("job", "consumer", linked=taken, job=name):
                    JOBS[name](*args, **kwargs)
            except Exception:  # whatever a job raises, the worker goes on; the log tells of it
                log.exception("job_failed", args=list(args))

    def _put_off(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Put a job behind all others after a moment; False if that can't be done."""
        if self._open().immediate:
            return False
        time.sleep(MOMENT_SECONDS)
        try:
            self._put(name, args, kwargs)
        except self._engine.errors as error:
            log.error("job_not_put_off", reason=str(error))
            return False
        return True
