"""The queue in a SQLite file of its own: for the workers of one machine, without anything to install."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from huey import Huey, SqliteHuey

from app import private
from app.jobs.engines import NAME
from app.jobs.serializer import JsonSerializer

if TYPE_CHECKING:
    from config import Settings

BUSY_SECONDS = 2  # a request that has committed waits no longer than this for the queue


class Sqlite:
    """A queue in a file."""

    remote = False
    errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
    advice = "Move its file out of the instance folder: what it held is done again."

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> Huey:
        """Return the queue in the file, which is made at need."""
        private.file(self._path)
        return SqliteHuey(
            NAME, filename=str(self._path), timeout=BUSY_SECONDS, results=False, serializer=JsonSerializer()
        )

    def probe(self, huey: Huey) -> None:
        """Begin an exclusive transaction, which needs a file that can be written."""
        with huey.storage.db(commit=True):
            pass


def engine(settings: Settings) -> Sqlite:
    """Return the engine that is used where nothing is set."""
    return Sqlite(settings.queue)
