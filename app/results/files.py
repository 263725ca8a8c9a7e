"""The stored files of an analysis."""

from __future__ import annotations

import structlog

from app.errors import NotFoundError
from app.storage import Storage

log = structlog.get_logger(__name__)


def stored(storage: Storage, key: str) -> bytes:
    """Return a file of an analysis; NotFoundError, logged, if storage doesn't have it."""
    try:
        return storage.get(key)
    except FileNotFoundError as error:
        log.error("stored_file_missing", key=key)
        raise NotFoundError("The photograph of this test is missing from storage.") from error
