"""The rows of a database in a form of no database: a line of JSON each, read from one moment while others write."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    Text,
    cast,
    column,
    inspect,
    select,
    table,
)
from sqlalchemy.types import TypeEngine

AT_ONCE = 2_000
MOMENT, DAY, BYTES, PLAIN = "moment", "day", "bytes", "plain"
KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (DateTime, MOMENT),
    (Date, DAY),
    (LargeBinary, BYTES),
)
NOT_COPIED = frozenset({"alembic_version", "restoring"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and how a line says what is in it."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a database has it now, whatever the code says."""

    name: str
    columns: tuple[Column, ...]
    types: tuple[TypeEngine[Any], ...]


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment, in PostgreSQL and in SQLite, and keeps nobody from writing."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")  # else each statement would see another moment
        else:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            connection = connection.execution_options(**options)  # noqa: PLW2901 - the same, as it wants to be said
        yield connection


def shapes_of(connection: Connection) -> list[Shape]:
    """Return the tables of a database, each after those that its rows refer to."""
    inspector = inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name and name not in NOT_COPIED]
    return [_shape(name, inspector.get_columns(name)) for name in names]


def lines_of(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """Yield the rows of a table as lines."""
    kinds = [each.kind for each in shape.columns]
    named = [_selected(each, type_) for each, type_ in zip(shape.columns, shape.types, strict=True)]
    rows = connection.execute(select(*named).select_from(table(shape.name)).execution_options(yield_per=AT_ONCE))
    for row in rows:
        yield json.dumps([_written(value, kind) for value, kind in zip(row, kinds, strict=True)]).encode()


def values_of(line: bytes, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return what a line says, by column."""
    said = json.loads(line)
    return {each.name: _understood(value, each.kind) for each, value in zip(columns, said, strict=True)}


def _shape(name: str, found: Any) -> Shape:
    columns = tuple(Column(each["name"], _kind(each["type"])) for each in found)
    return Shape(name, columns, tuple(each["type"] for each in found))


def _kind(type_: TypeEngine[Any]) -> str:
    return next((kind for of, kind in KINDS if isinstance(type_, of)), PLAIN)


def _selected(each: Column, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, JSON):  # the text, to the letter
        return cast(column(each.name), Text)
    return column(each.name, type_)


def _written(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == MOMENT:
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    if kind == DAY:
        return value.isoformat()
    return b64encode(value).decode() if kind == BYTES else value


def _understood(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == MOMENT:
        return datetime.fromisoformat(value)
    if kind == DAY:
        return date.fromisoformat(value)
    return b64decode(value) if kind == BYTES else value
