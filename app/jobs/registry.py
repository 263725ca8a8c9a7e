"""The functions that are jobs, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, ParamSpec

from flask import current_app
from sqlalchemy.orm import Session, scoped_session

from app.jobs import outbox

if TYPE_CHECKING:
    from app.jobs.queue import Queue

P = ParamSpec("P")
JOBS: dict[str, Job[Any]] = {}
LAST = -1


class Job(Generic[P]):
    """A function that the worker runs; calling it runs it here. Arguments are what JSON can hold.

    `minutes` is the period, counted from midnight UTC, of a job that is sent by the clock. Of the jobs that wait, one
    of a higher `priority` goes first.
    """

    def __init__(self, function: Callable[P, None], minutes: int | None = None, priority: int = 0) -> None:
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.minutes = minutes
        self.priority = priority
        self._function = function
        self.__doc__ = function.__doc__

    @property
    def is_idle(self) -> bool:
        """Tell whether it is to run only when there is nothing else to do."""
        return self.priority == LAST

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run the function now, here."""
        self._function(*args, **kwargs)

    def send(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Put the job into the current application's queue; what the queue can't take is logged and lost."""
        queue: Queue = current_app.extensions["queue"]
        queue.send(self.name, args, kwargs)

    def send_after_commit(self, session: Session | scoped_session[Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Send the job once `session` has committed; a rollback drops it."""
        outbox.after_commit(session, lambda: self.send(*args, **kwargs))


def job(function: Callable[P, None]) -> Job[P]:
    """Make a function a job."""
    return _kept(Job(function))


def idle_job(function: Callable[P, None]) -> Job[P]:
    """Make a function a job that all others go before, and the photographs that wait on the worker's machine."""
    return _kept(Job(function, priority=LAST))


def periodic(minutes: int) -> Callable[[Callable[[], None]], Job[[]]]:
    """Make a function a job that is sent every `minutes` while a worker runs."""
    return lambda function: _kept(Job(function, minutes))


def _kept(made: Job[P]) -> Job[P]:
    if made.name in JOBS:
        raise ValueError(f"there is a job called {made.name} already")
    JOBS[made.name] = made
    return made
