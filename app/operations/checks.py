"""What a photograph needs on its way: each check says yes or no, and the reason goes to the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import structlog
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.inference import has_sound_files
from app.jobs import current_queue
from app.keys import UnreadableError, data_keys_of
from app.storage import current_storage

log = structlog.get_logger(__name__)


def database() -> bool:
    """Tell whether the database answers and has all migrations."""
    try:
        with db.engine.connect() as connection:
            found = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError as error:
        log.error("database_not_ready", reason=str(error))
        return False
    wanted = _heads(str(current_app.config["SETTINGS"].migrations))
    if found != wanted:
        log.error("database_not_migrated", found=sorted(found), wanted=sorted(wanted))
    return found == wanted


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
    """Tell whether the default classifier's files are those that its card vouches for."""
    return has_sound_files(current_app.config["SETTINGS"].default_model)


CHECKS: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {"database": database, "keys": keys, "queue": queue, "storage": storage, "classifier": classifier}
)


@cache
def _heads(folder: str) -> frozenset[str]:
    return frozenset(ScriptDirectory(folder).get_heads())
