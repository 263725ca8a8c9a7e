"""What is counted of a site for those who watch over it: numbers alone, and labels that are words of our own.

A measure is counted where the thing happens, in whatever process::

    UPLOADS.labels("refused", error.kind).inc()

What is a state, and no count, is asked for when somebody looks, in an application context::

    asked("batch_items", "...", ("state",), lambda: [(("waiting",), 3.0)])

Labels never hold what somebody has typed, nor an id: endpoints, kinds of errors and names of jobs are bounded.
"""

from __future__ import annotations

from app.metrics.asked import asked
from app.metrics.measures import (
    AUDIT_EVENTS,
    CLASSIFICATION_SECONDS,
    DATABASE_ERRORS,
    DECODINGS,
    JOB_LAST_DONE,
    JOB_SECONDS,
    JOB_WAIT_SECONDS,
    JOBS_RUN,
    JOBS_UNSENT,
    REQUEST_SECONDS,
    REQUESTS,
    SIGN_IN_FAILURES,
    STORAGE_ERRORS,
    SWEPT,
    UPLOADS,
)

__all__ = [
    "AUDIT_EVENTS",
    "CLASSIFICATION_SECONDS",
    "DATABASE_ERRORS",
    "DECODINGS",
    "JOBS_RUN",
    "JOBS_UNSENT",
    "JOB_LAST_DONE",
    "JOB_SECONDS",
    "JOB_WAIT_SECONDS",
    "REQUESTS",
    "REQUEST_SECONDS",
    "SIGN_IN_FAILURES",
    "STORAGE_ERRORS",
    "SWEPT",
    "UPLOADS",
    "asked",
]
