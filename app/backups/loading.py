"""Write the rows of a backup into a database whose tables are of the same revision: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Engine, LargeBinary, column, delete, insert, table, text
from sqlalchemy.types import NullType, TypeEngine

from app.backups.errors import BackupError
from app.backups.manifest import Backup
from app.backups.rows import BYTES, DAY, MOMENT, Shape, lines_of, shapes_of, values_of
from app.backups.streams import Digest, read

AT_ONCE = 1_000
TYPES: dict[str, TypeEngine[Any]] = {MOMENT: DateTime(timezone=True), DAY: Date(), BYTES: LargeBinary()}
TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
SEQUENCE = text("SELECT pg_get_serial_sequence(:name, :column)")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose transaction, what it does to tables included, is committed at the end or taken back."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def load(connection: Connection, backup: Backup) -> None:
    """Replace every row by those of a backup, and compare what the database then holds with it; BackupError."""
    shapes = [_as_listed(shape, backup) for shape in _held(shapes_of(connection), backup)]
    with _without_triggers(connection, shapes):
        for shape in reversed(shapes):
            connection.execute(delete(table(shape.name)))
        for shape in shapes:
            _fill(connection, shape, _lines(backup, shape.name))
    for shape in shapes:
        _count_on(connection, shape)
        _compare(connection, shape, backup)


def _held(shapes: Sequence[Shape], backup: Backup) -> Sequence[Shape]:
    found = {shape.name: set(shape.columns) for shape in shapes}
    if found != {name: set(listed.columns) for name, listed in backup.manifest.tables.items()}:
        raise BackupError("The tables here are not those of the backup, though their revision is the same.")
    return shapes


def _as_listed(shape: Shape, backup: Backup) -> Shape:
    """Return a table with its columns in the order of the backup: databases add new ones in different places."""
    types = dict(zip(shape.columns, shape.types, strict=True))
    columns = backup.manifest.tables[shape.name].columns
    return Shape(shape.name, columns, tuple(types[each] for each in columns))


def _lines(backup: Backup, name: str) -> Iterator[bytes]:
    return read(backup.place, backup.secret, f"rows-{name}", backup.manifest.tables[name].stream)


def _fill(connection: Connection, shape: Shape, lines: Iterator[bytes]) -> None:
    named = (column(each.name, TYPES.get(each.kind, NullType())) for each in shape.columns)
    statement = insert(table(shape.name, *named))
    while some := list(islice(lines, AT_ONCE)):
        connection.execute(statement, [values_of(line, shape.columns) for line in some])


@contextmanager
def _without_triggers(connection: Connection, shapes: Iterable[Shape]) -> Iterator[None]:
    """Write what stands in the backup and nothing else: what triggers had made of it stands there, too."""
    if connection.dialect.name == "sqlite":
        triggers = connection.execute(TRIGGERS).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _, statement in triggers:
            connection.exec_driver_sql(statement)
        return
    for shape in shapes:
        connection.exec_driver_sql(f'ALTER TABLE "{shape.name}" DISABLE TRIGGER USER')
    yield
    for shape in shapes:
        connection.exec_driver_sql(f'ALTER TABLE "{shape.name}" ENABLE TRIGGER USER')


def _count_on(connection: Connection, shape: Shape) -> None:
    """Let the numbers of new rows follow those that are there; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for each in shape.columns:
        sequence = connection.scalar(SEQUENCE, {"name": f'"{shape.name}"', "column": each.name})
        if sequence is not None:
            highest = f'(SELECT max("{each.name}") FROM "{shape.name}")'  # noqa: S608 - names of our own tables
            connection.exec_driver_sql(f"SELECT setval('{sequence}', coalesce({highest}, 1), {highest} IS NOT NULL)")


def _compare(connection: Connection, shape: Shape, backup: Backup) -> None:
    digest, stream = Digest(), backup.manifest.tables[shape.name].stream
    for line in lines_of(connection, shape):
        digest.add(line)
    if (digest.lines, digest.text()) != (stream.lines, stream.digest):
        raise BackupError(
            f"The database does not hold the rows of {shape.name} as they are in the backup. Nothing was restored."
        )
