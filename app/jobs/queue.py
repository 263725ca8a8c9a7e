"""The queue between web server and worker: Huey on SQLite, or in memory where jobs run at once."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, SqliteHuey
from huey.consumer import Consumer

from app import private
from app.jobs.registry import JOBS, Job
from app.jobs.running import running
from app.jobs.serializer import JsonSerializer

BUSY_SECONDS = 2  # a request that has committed waits no longer than this for the queue
NAME = "lentigo"
UNUSABLE = (sqlite3.Error, OSError)  # what a queue that is locked, full or damaged raises

logging.getLogger("huey").setLevel(logging.WARNING)  # it tells of each task that it takes

log = structlog.get_logger(__name__)


class Queue:
    """One application's queue; opened when first needed, so that a damaged one can't stop the start."""

    def __init__(self, app: Flask, path: Path, *, immediate: bool = False) -> None:
        self._app = app
        self._path = path
        self._immediate = immediate
        self._lock = threading.Lock()
        self._huey: Huey | None = None

    def send(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Enqueue the job called `name`; a queue that is locked, full or damaged is logged, never raised."""
        try:
            huey = self._open()
            huey.enqueue(self._task.s(name, list(args), dict(kwargs), priority=JOBS[name].priority))
        except UNUSABLE as error:
            log.error("job_not_sent", job=name, reason=str(error))

    def waiting(self) -> int:
        """Count the jobs that wait; UNUSABLE if the queue can't be read."""
        return int(self._open().pending_count())

    def ready(self) -> bool:
        """Tell whether a job could be sent now."""
        try:
            self._probe()
        except UNUSABLE as error:
            log.error("queue_not_ready", reason=str(error))
            return False
        return True

    def worker(self) -> Consumer:
        """Return a worker: runs jobs until SIGTERM, the periodic ones by the clock, and finishes the last.

        UNUSABLE if the queue can't be opened.
        """
        huey = self._open()
        for job in JOBS.values():
            if job.minutes is not None:
                self._run_by_clock(huey, job, job.minutes)
        return huey.create_consumer(
            workers=1, initial_delay=0.1, max_delay=1.0, graceful_signal="TERM", shutdown_timeout=10
        )

    def _open(self) -> Huey:
        with self._lock:
            if self._huey is None:
                huey = self._new()
                self._task = huey.task(name="run")(self._run)
                self._huey = huey
            return self._huey

    def _new(self) -> Huey:
        if self._immediate:
            return MemoryHuey(NAME, immediate=True, results=False, serializer=JsonSerializer())
        private.file(self._path)
        return SqliteHuey(
            NAME, filename=str(self._path), timeout=BUSY_SECONDS, results=False, serializer=JsonSerializer()
        )

    def _run(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        with self._app.app_context(), running(name), structlog.contextvars.bound_contextvars(job=name):
            try:
                JOBS[name](*args, **kwargs)
            except Exception:  # whatever a job raises, the worker goes on; the log tells of it
                log.exception("job_failed", args=list(args))

    def _run_by_clock(self, huey: Huey, job: Job[[]], minutes: int) -> None:
        def due(moment: datetime) -> bool:
            return (moment.hour * 60 + moment.minute) % minutes == 0

        huey.periodic_task(due, name=f"every_{minutes}_minutes_{job.name}")(lambda: self._run(job.name, (), {}))

    def _probe(self) -> None:
        storage = self._open().storage
        if not self._immediate:
            with storage.db(commit=True):  # an exclusive transaction, which needs a file that can be written
                pass
