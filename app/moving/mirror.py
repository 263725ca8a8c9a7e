"""The tables as plain columns: what is encrypted stays so, and JSON stays the text that it is."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    cast,
    column,
    func,
    literal,
    select,
    table,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from app.clock import UtcDateTime
from app.extensions import db

AT_A_TIME = 1000  # rows of a transaction


class RawJSON(TypeDecorator[str]):
    """The text of a column that PostgreSQL keeps as JSON, which it gives back as it was written."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        """Take a text for JSON."""
        return cast(bindparam, JSON)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        """Give the text of JSON."""
        return cast(column, Text)


class Counted(NamedTuple):
    """How many rows a table has, and the SHA-256 over all of them in the order of their keys."""

    rows: int
    sha256: str


class Mirror:
    """A table of one database, of which rows are read and written as they are."""

    def __init__(self, of: Table, dialect: str) -> None:
        self.name = of.name
        self._table = table(of.name, *(column(each.name, _plain(each.type, dialect)) for each in of.columns))
        self._names = [each.name for each in of.columns]
        keys = [self._table.c[each.name] for each in of.primary_key.columns]
        # as SQLite sorts, and as it does not depend on a language
        self._order: list[ColumnElement[Any]] = [
            each.collate("C") if dialect == "postgresql" and isinstance(each.type, String) else each for each in keys
        ]

    def count(self, connection: Connection) -> int:
        """Count the rows."""
        return connection.scalar(select(func.count()).select_from(self._table)) or 0

    def last(self, connection: Connection) -> Sequence[Any] | None:
        """Return the key of the last row; None if there is none."""
        backwards = [each.desc() for each in self._order]
        found = connection.execute(select(*self._order).order_by(*backwards).limit(1)).first()
        return None if found is None else tuple(found)

    def following(self, connection: Connection, last: Sequence[Any] | None) -> Any:
        """Yield the rows after a key in lists; they are read as they are needed."""
        rows: Select[Any] = select(*(self._table.c[name] for name in self._names)).order_by(*self._order)
        if last is not None:
            key = [literal(value, each.type) for value, each in zip(last, self._order, strict=True)]
            rows = rows.where(tuple_(*self._order) > tuple_(*key) if len(key) > 1 else self._order[0] > key[0])
        return connection.execution_options(yield_per=AT_A_TIME).execute(rows).partitions()

    def add(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        """Add rows."""
        connection.execute(self._table.insert(), [dict(zip(self._names, row, strict=True)) for row in rows])

    def counted(self, connection: Connection) -> Counted:
        """Count the rows, and read them all for their hash."""
        digest, count = sha256(), 0
        for rows in self.following(connection, None):
            count += len(rows)
            for row in rows:
                digest.update(repr(tuple(row)).encode())
        return Counted(count, digest.hexdigest())


def mirrors(dialect: str) -> list[Mirror]:
    """Return all tables of a database, each after those that it refers to."""
    return [Mirror(each, dialect) for each in db.metadata.sorted_tables]


def _plain(kind: TypeEngine[Any], dialect: str) -> TypeEngine[Any]:
    if isinstance(kind, JSON):
        return RawJSON() if dialect == "postgresql" else Text()
    if isinstance(kind, TypeDecorator) and not isinstance(kind, UtcDateTime):
        return Text()
    return kind
