"""Count what storage can't do, and trace what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import AppError
from app.metrics import STORAGE_ERRORS
from app.tracing import span


@contextmanager
def errors_counted(operation: str) -> Iterator[None]:
    """Count an error of what follows; that there is no such object is none."""
    try:
        with span(f"storage {operation}", "client"):
            yield
    except FileNotFoundError:
        raise
    except (OSError, AppError):
        STORAGE_ERRORS.labels(operation).inc()
        raise
