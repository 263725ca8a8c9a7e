"""Which job is running here, for whatever wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_NAME: ContextVar[str | None] = ContextVar("running_job", default=None)


def running_job() -> str | None:
    """Return the name of the job that is running; None if none is."""
    return _NAME.get()


@contextmanager
def running(name: str) -> Iterator[None]:
    """Run what follows as the job called `name`."""
    before = _NAME.set(name)
    try:
        yield
    finally:
        _NAME.reset(before)
