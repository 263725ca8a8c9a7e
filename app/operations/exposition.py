"""What `/metrics` says: what all processes of this machine have counted, what they need, and what was asked for now."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Flask, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.metrics.asked import QUESTIONS
from app.metrics.measures import NAMESPACE, REGISTRY, UNANSWERED
from app.metrics.sharing import WEB, Process, together
from app.metrics.values import numbers
from app.operations.patience import Patience
from app.product import VERSION

MIMETYPE = CONTENT_TYPE_LATEST
SECONDS = 2.0  # in which a state must be told, or is left out
PROCESSES = Path("/proc")
PAGE_BYTES = resource.getpagesize()

patience: Patience[Metric] = Patience(SECONDS)


class _Found(Collector):
    """Measures as they were found."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._metrics


def exposition() -> bytes:
    """Return all measures in the text format of Prometheus."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    states = list(_states(app))  # first, so that what nobody answered is counted already
    counted, living = _counted()
    return generate_latest(_Found([*counted, *states, *_processes(living), _build()]))


def _counted() -> tuple[list[Metric], list[Process]]:
    if numbers.folder is None:  # this process counts for itself
        return list(REGISTRY.collect()), [Process(WEB, os.getpid(), "")]
    return together(numbers.folder)


def _states(app: Flask) -> Iterator[Metric]:
    found = patience.ask(app, {name: question.answered for name, question in QUESTIONS.items()})
    for name in QUESTIONS.keys() - found.keys():
        UNANSWERED.labels(name).inc()
    yield from found.values()


def _processes(living: Iterable[Process]) -> Iterator[Metric]:
    alive = GaugeMetricFamily(f"{NAMESPACE}_processes", "Processes that live.", labels=("role",))
    memory = GaugeMetricFamily(
        f"{NAMESPACE}_process_resident_bytes", "Memory that a process holds.", labels=("role", "pid")
    )
    roles = [process.role for process in living]
    for role in sorted(set(roles)):
        alive.add_metric((role,), roles.count(role))
    for process in living:
        if (held := _resident_bytes(process.pid)) is not None:
            memory.add_metric((process.role, str(process.pid)), held)
    yield from (alive, memory)


def _resident_bytes(pid: int) -> int | None:
    """Return what a process holds of memory; None where the system doesn't say, as on macOS."""
    try:
        return int((PROCESSES / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return None


def _build() -> Metric:
    build = GaugeMetricFamily(f"{NAMESPACE}_build_info", "What is running.", labels=("version", "python"))
    build.add_metric((VERSION, platform.python_version()), 1)
    return build
