"""What was answered is there after a power cut: SQLite's log of commits is flushed before anybody is told of them.

SQLite is set to flush at checkpoints only, for a flush at each commit holds up all others who write. One before the
answer leaves is enough for whoever reads it, and is waited for by nobody else. PostgreSQL sees to that itself.
"""

from __future__ import annotations

import os
from contextlib import suppress

from flask import Flask, Response, request

from app.extensions import db

CHANGING_NOTHING = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Flush before the answer to whatever may have changed something."""
    app.after_request(_before_the_answer)


def flush_commits() -> None:
    """Have the disk know of all that was committed, before what it was made from is erased."""
    if db.engine.dialect.name != "sqlite" or not db.engine.url.database:
        return
    with suppress(FileNotFoundError):  # there is no log while nobody has written
        handle = os.open(f"{db.engine.url.database}-wal", os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _before_the_answer(response: Response) -> Response:
    if request.method not in CHANGING_NOTHING:
        flush_commits()
    return response
