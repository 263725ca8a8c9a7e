"""The stored files of an analysis."""

from __future__ import annotations

import hashlib

import structlog

from app.errors import DamagedFileError, NotFoundError
from app.results.tables import Analysis
from app.storage import Storage

log = structlog.get_logger(__name__)


def stored(storage: Storage, key: str) -> bytes:
    """Return a file of an analysis; NotFoundError, logged, if storage doesn't have it."""
    try:
        return storage.get(key)
    except FileNotFoundError as error:
        log.error("stored_file_missing", key=key)
        raise NotFoundError("The photograph of this test is missing from storage.") from error


def verified_photograph(storage: Storage, analysis: Analysis) -> bytes:
    """Return the photograph that was analysed; NotFoundError if it is missing, DamagedFileError if it is another."""
    photograph = stored(storage, analysis.photograph_key)
    if hashlib.sha256(photograph).hexdigest() != analysis.photograph_sha256:
        log.error("photograph_tampered", key=analysis.photograph_key)
        raise DamagedFileError(
            "The stored photograph is no longer the one that was analysed, so that nothing can be made of it. Please "
            "tell your administrator."
        )
    return photograph
