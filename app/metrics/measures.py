"""What is counted and timed, with the labels that each has.

Buckets lie where the site's targets do: pages within 150 ms, uploads within 1.5 s, a network within 50 ms.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

import app.metrics.values  # noqa: F401 - which says where numbers are kept, before there are any

REGISTRY = CollectorRegistry(auto_describe=True)
NAMESPACE = "lentigo"
WAITING = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
COMPUTING = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
WORKING = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, namespace=NAMESPACE, registry=REGISTRY)


def _histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(name, says, labels, namespace=NAMESPACE, registry=REGISTRY, buckets=buckets)


REQUESTS = _counter("requests", "Requests that were answered.", "endpoint", "method", "status")
REQUEST_SECONDS = _histogram("request_seconds", "Seconds until an answer began.", WAITING, "endpoint", "method")
UPLOADS = _counter(
    "uploads", "Photographs that were kept, refused, or could not be dealt with, and why.", "outcome", "reason"
)
CLASSIFICATION_SECONDS = _histogram(
    "classification_seconds", "Seconds that a classifier took for one photograph.", COMPUTING, "model", "engine"
)
DECODINGS = _counter("decodings", "Processes that were started to read a file, and how that ended.", "outcome")
JOBS_RUN = _counter("jobs", "Jobs that have run, by how they ended.", "job", "outcome")
JOB_SECONDS = _histogram("job_seconds", "Seconds that a job took.", WORKING, "job")
JOB_LAST_DONE = Gauge(
    "job_last_done_timestamp_seconds",
    "When a periodic job was last done, in seconds since 1970.",
    ("job",),
    namespace=NAMESPACE,
    registry=REGISTRY,
    multiprocess_mode="max",
)
JOB_WAIT_SECONDS = _histogram("job_wait_seconds", "Seconds between the sending of a job and its beginning.", WORKING)
JOBS_UNSENT = _counter("jobs_unsent", "Jobs that the queue could not take.", "job")
SWEPT = _counter("swept", "Things that were lost or left over, and found by a sweeper.", "what")
SIGN_IN_FAILURES = _counter("sign_in_failures", "Refused attempts to sign in.", "endpoint")
AUDIT_EVENTS = _counter("audit_events", "Events that were written to the audit log.", "action", "outcome")
STORAGE_ERRORS = _counter("storage_errors", "Operations that storage could not do.", "operation")
DATABASE_ERRORS = _counter("database_errors", "Errors that the database answered, by their class.", "kind")
UNANSWERED = _counter("questions_unanswered", "Questions for a state that nobody answered in time.", "question")
