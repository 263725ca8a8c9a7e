"""What a photograph needs on its way: each check says yes or no, in time, and the reason goes to the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.inference import has_sound_files, is_warming
from app.jobs import current_queue
from app.keys import UnreadableError, data_keys_of
from app.operations.patience import Patience
from app.revisions import works_with
from app.storage import current_storage

log = structlog.get_logger(__name__)


def database() -> bool:
    """Tell whether the database answers, and this code works with its tables."""
    try:
        with db.engine.connect() as connection:
            ready = works_with(connection, str(current_app.config["SETTINGS"].migrations))
    except SQLAlchemyError as error:
        log.error("database_not_ready", reason=str(error))
        return False
    if not ready:
        log.error("database_not_migrated")
    return ready


def keys() -> bool:
    """Tell whether the master key opens what is encrypted in the database."""
    try:
        with db.engine.connect() as connection:
            data_keys_of(connection).check(connection)
    except (SQLAlchemyError, UnreadableError) as error:
        log.error("keys_not_ready", reason=str(error))
        return False
    return True


def queue() -> bool:
    """Tell whether a job can be sent."""
    return current_queue().ready()


def storage() -> bool:
    """Tell whether a photograph can be kept."""
    return current_storage().ready()


def classifier() -> bool:
    """Tell whether the default classifier's files are those that its card vouches for, and not just being loaded."""
    return has_sound_files(current_app.config["SETTINGS"].default_model) and not is_warming()


CHECKS: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {"database": database, "keys": keys, "queue": queue, "storage": storage, "classifier": classifier}
)

SECONDS = 3.0  # in which a check must be over: whoever asks must not hang with a database that says nothing

patience: Patience[bool] = Patience(SECONDS)


def results() -> dict[str, bool]:
    """Return by name which checks are passed, in time."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    found = patience.ask(app, CHECKS)
    return {name: found.get(name, False) for name in CHECKS}
