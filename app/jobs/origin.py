"""Which request a job goes back to: its id travels with the job, so that the log tells of both by one name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog

from app.metrics import JOB_WAIT_SECONDS
from app.tracing import carried

REQUEST_ID, SENT = "request_id", "sent"
WELL_FORMED = re.compile(r"[0-9a-f-]{16,36}")


def origin() -> dict[str, str]:
    """Return what a job that is sent now takes along: the request's id, the time, and the trace that it belongs to."""
    named = structlog.contextvars.get_contextvars().get(REQUEST_ID)
    return ({REQUEST_ID: named} if isinstance(named, str) else {}) | {SENT: f"{time.time():.3f}"} | carried()


@contextmanager
def bound(job: str, taken: Mapping[str, str]) -> Iterator[None]:
    """Have the log name the job, and the request that it goes back to; another form of id is left out."""
    named = str(taken.get(REQUEST_ID, ""))
    more = {REQUEST_ID: named} if WELL_FORMED.fullmatch(named) else {}
    if SENT in taken:
        JOB_WAIT_SECONDS.observe(max(0.0, time.time() - float(taken[SENT])))
    with structlog.contextvars.bound_contextvars(job=job, **more):
        yield
