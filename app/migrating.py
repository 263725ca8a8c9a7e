"""How a site in use is migrated: by one server at a time, and without waiting for a lock that others wait behind."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

LOCK = 0x4C656E74  # of PostgreSQL, held by whoever migrates
ASK_AGAIN = 0.5  # seconds
LOCK_SECONDS = 4  # that a statement waits for a table; whoever comes after it waits as long
PAUSES = (2, 4, 8, 16, 32)  # seconds, in which the others get on
NOT_AVAILABLE = "55P03"  # lock_not_available
WAITING = "Another server is migrating this database. Waiting for it."
IN_USE = (
    "A table was in use for too long, by a report or a backup perhaps. What was migrated so far stays; run this again."
)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep others from it; it ends with the process."""
    if engine.dialect.name == "postgresql":
        with _lock_held(engine):
            yield
    elif engine.url.database in {None, "", ":memory:"}:
        yield
    else:
        with _file_held(f"{engine.url.database}-migrating"):
            yield


def patiently(run: Callable[[], None], pauses: tuple[float, ...] = PAUSES) -> None:
    """Run something that gives up where a table is in use, and again after each pause; SystemExit after the last."""
    for pause in (*pauses, None):
        try:
            run()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_AVAILABLE:
                raise
            if pause is None:
                raise SystemExit(IN_USE) from error
            time.sleep(pause)
        else:
            return


@contextmanager
def _lock_held(engine: Engine) -> Iterator[None]:
    """Hold a lock of the server, by a connection without transaction: one would keep indexes from being finished."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        told = False
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            told = told or _tell()
            time.sleep(ASK_AGAIN)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


@contextmanager
def _file_held(path: str) -> Iterator[None]:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _tell() -> bool:
    sys.stderr.write(f"{WAITING}\n")
    return True
