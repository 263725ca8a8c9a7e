"""The rows: copied table by table in the order of their keys, then read on both sides and compared."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app.moving.errors import MoveError
from app.moving.mirror import Counted, mirrors
from app.moving.progress import Progress

CHANGED = (
    "These tables differ: {}. Somebody has written to the present database since the move was begun. Nothing there has "
    "changed by the move: stop the site, and begin again with --begin-again."
)


def copy_rows(source: Connection, target: Engine, progress: Progress) -> int:
    """Copy the rows that come after the last that is there, table by table, and return how many these were."""
    pairs = list(zip(mirrors(source.dialect.name), mirrors(target.dialect.name), strict=True))
    progress.expect(sum(mirror.count(source) for mirror, _ in pairs), "rows")
    copied = 0
    for old, new in pairs:
        with target.connect() as connection:
            last = new.last(connection)
            progress.done(new.count(connection) if last else 0, old.name, earlier=True)
        for rows in old.following(source, last):
            try:
                with target.begin() as connection:
                    new.add(connection, rows)
            except DBAPIError as error:
                kind = type(error.orig).__name__
                raise MoveError(f"The target database refuses a row of {old.name} ({kind}).") from error
            copied += len(rows)
            progress.done(len(rows), old.name)
    return copied


def compared(source: Connection, target: Engine, progress: Progress) -> Iterator[tuple[str, Counted]]:
    """Yield each table with its count and hash, the same on both sides; MoveError if some differ."""
    differing = []
    with target.connect() as connection:
        pairs = zip(mirrors(source.dialect.name), mirrors(target.dialect.name), strict=True)
        for old, new in pairs:
            counted = old.counted(source)
            if new.counted(connection) != counted:
                differing.append(old.name)
            progress.done(counted.rows, old.name)
            yield old.name, counted
    if differing:
        raise MoveError(CHANGED.format(", ".join(differing)))
