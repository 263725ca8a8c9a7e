"""Periodic jobs: each is sent once in its period, by whichever worker is the first to notice.

A row says in which period a job was last sent, and whoever changes it sends the job. So a period that began while no
worker ran is made up for, and one more worker is not one more sending. The clock is that of the database's server,
which all share; should it be set back, jobs are sent again, and none waits until it has caught up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from huey.consumer import Consumer, Scheduler
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.clock import EPOCH, now
from app.extensions import db
from app.jobs.registry import JOBS
from app.jobs.tables import PeriodicJob

TICK_SECONDS = 5

log = structlog.get_logger(__name__)


class Clock(Scheduler):  # type: ignore[misc]  # Huey is untyped
    """Looks every few seconds what is due; Huey's own lets each worker send everything."""

    periodic_task_seconds = TICK_SECONDS

    def enqueue_periodic_tasks(self, _now: datetime | None) -> None:
        """Send what is due."""
        self.huey.tick()


class Worker(Consumer):  # type: ignore[misc]  # Huey is untyped
    """Runs jobs, and sends those that are due."""

    scheduler_class = Clock


def send_due(send: Callable[[str], None]) -> None:
    """Send the jobs whose period has begun and that nobody has sent yet; one that can't be sent stays due."""
    try:
        with db.engine.connect() as connection:
            moment = _moment(connection)
            begun = {job.name: _period(job.minutes, moment) for job in JOBS.values() if job.minutes is not None}
            sent = {row.name: row.period for row in connection.execute(select(PeriodicJob.name, PeriodicJob.period))}
        for name, period in begun.items():
            if sent.get(name) != period:
                with db.engine.begin() as connection:
                    if _is_first(connection, name, period):
                        send(name)
    except SQLAlchemyError as error:
        log.error("periodic_jobs_not_sent", reason=type(error).__name__)


def _moment(connection: Connection) -> datetime:
    on_server = connection.dialect.name == "postgresql"
    return connection.scalars(select(func.clock_timestamp())).one() if on_server else now()


def _period(minutes: int, moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(minutes=minutes)


def _is_first(connection: Connection, name: str, period: int) -> bool:
    """Write down that a job was sent in a period, unless it is written down already."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    written = insert(PeriodicJob).values(name=name, period=period)
    changed = written.on_conflict_do_update(
        index_elements=[PeriodicJob.name], set_={"period": period}, where=PeriodicJob.period != period
    )
    return connection.execute(changed.returning(PeriodicJob.name)).first() is not None
