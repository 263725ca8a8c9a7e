"""Count the jobs that a worker runs, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.jobs.registry import Job
from app.metrics import JOB_LAST_DONE, JOB_SECONDS, JOBS_RUN


@contextmanager
def counted(job: Job[Any]) -> Iterator[None]:
    """Run what follows as this job; what it raises is counted, and raised."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        JOBS_RUN.labels(job.name, outcome).inc()
        JOB_SECONDS.labels(job.name).observe(time.perf_counter() - began)
    if job.minutes is not None:
        JOB_LAST_DONE.labels(job.name).set_to_current_time()
