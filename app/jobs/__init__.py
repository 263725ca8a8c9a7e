"""Work that may wait: jobs leave after the commit that wrote their rows, and the worker runs them.

A job carries ids. It may run twice, it may be lost: the rows hold the truth, and a periodic job does again
what was missed. It runs in an application context with its own database session, and commits that itself::

    @job
    def erase_files(public_id: str) -> None: ...

    erase_files.send_after_commit(session, analysis.public_id)

    @periodic(minutes=30)
    def sweep() -> None: ...
"""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from app.jobs.engines import engine_of
from app.jobs.queue import Queue
from app.jobs.registry import Job, idle_job, job, periodic
from app.waiting import Waiting

__all__ = ["Job", "Queue", "current_queue", "idle_job", "init_app", "job", "periodic"]


def init_app(app: Flask) -> None:
    """Give the application its queue; in tests jobs run at once, in memory."""
    settings = app.config["SETTINGS"]
    app.extensions["queue"] = Queue(app, engine_of(settings), Waiting(settings.instance).nobody)


def current_queue() -> Queue:
    """Return the queue of the current application."""
    return cast(Queue, current_app.extensions["queue"])
