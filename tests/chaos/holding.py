"""Processes are caught at one moment of their work, by what they wait for or by being stopped, to be killed there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import psutil
from redis import Redis
from sqlalchemy import select, text

from app.extensions import db
from app.results.tables import Analysis
from app.storage import current_storage
from tests.chaos.programs import wait_for
from tests.chaos.sites import Site


def kill_before_commit(site: Site, processes: Callable[[], Sequence[psutil.Process]]) -> set[str]:
    """Kill processes that are at work once the files of a test are stored and its row is not committed.

    Return the keys of those files.
    """
    if site.servers is not None:
        with site.app.app_context(), db.engine.connect() as connection:
            connection.execute(text("LOCK TABLE analyses IN SHARE ROW EXCLUSIVE MODE"))
            wait_for(lambda: len(_unrecorded(site)) > 1, "a test's files are stored")
            _kill(processes())
            connection.rollback()
    else:
        wait_for(lambda: _stopped_before_commit(site, processes()), "a process is stopped before its commit", 60, 0)
        _kill(processes())
    return _unrecorded(site)


def _stopped_before_commit(site: Site, processes: Sequence[psutil.Process]) -> bool:
    """Stop processes as soon as there is a folder more; let them go on if they have committed its row by then."""
    folder = site.settings.files / "analyses"
    before = len(os.listdir(folder)) if folder.exists() else 0  # noqa: PTH208 - the fastest way
    wait_for(lambda: folder.exists() and len(os.listdir(folder)) > before, "somebody sends", every=0)  # noqa: PTH208
    for process in processes:
        process.suspend()
    if _unrecorded(site):
        return True
    for process in processes:
        process.resume()
    return False


def _unrecorded(site: Site) -> set[str]:
    """Return the keys of the files whose tests are not committed."""
    with site.session() as session:
        keys = {key for key, _ in current_storage().keys("analyses")}
        recorded = set(session.scalars(select(Analysis.public_id)))
    return {key for key in keys if key.split("/")[1] not in recorded}


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        process.kill()
        process.wait()


@contextmanager
def held_queue(site: Site) -> Iterator[None]:
    """Let no job be sent meanwhile; whoever would has committed by then, and waits."""
    if site.servers is None:
        path = site.settings.instance / "queue.sqlite3"
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        return
    site.servers.queue.freeze()
    try:
        yield
    finally:
        site.servers.queue.thaw()


def forget_jobs(site: Site) -> None:
    """Lose all that is in the queue."""
    if site.servers is None:
        with closing(sqlite3.connect(site.settings.instance / "queue.sqlite3")) as queue:
            queue.execute("DELETE FROM task")
            queue.commit()
        return
    with Redis.from_url(site.servers.queue.address()) as queue:
        queue.flushdb()
