"""Go through encrypted columns, some rows at a time, while others read and write: to encrypt, or with another key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    TableClause,
    bindparam,
    column,
    inspect,
    select,
    table,
    text,
    update,
)

from app.encrypted.ciphers import VERSION, Ciphers, number_of
from app.keys import TamperedError

AT_A_TIME = 500  # rows of a transaction
Change = Callable[[str, str], str | None]  # what stands in a place, and the place: what shall stand there, None if that
Columns = Mapping[str, Sequence[str]]  # of each table


def rewrite(engine: Engine, columns: Columns, change: Change, *, sealed: Mapping[str, str] | None = None) -> int:
    """Change what stands in columns, and return how many values were changed; each table has one integer as its key.

    A value that somebody else has changed meanwhile stays as it is. `sealed` names the triggers of tables that refuse
    changes: they are set aside for a transaction, in which nothing but these columns is written.
    """
    guards = sealed or {}
    there = set(inspect(engine).get_table_names())
    return sum(
        _rewrite(engine, name, names, change, guards.get(name)) for name, names in columns.items() if name in there
    )


def encrypting(ciphers: Ciphers) -> Change:
    """Return the change that encrypts what is not encrypted yet, as `is_sealed` tells."""
    return lambda value, place: (
        None if is_sealed(ciphers, value, place) else ciphers.seal(value.encode(), place.encode())
    )


def decrypting(ciphers: Ciphers) -> Change:
    """Return the change that takes encryption back."""
    return lambda value, place: (
        ciphers.unseal(value, place.encode()).decode() if is_sealed(ciphers, value, place) else None
    )


def with_newest_key(ciphers: Ciphers) -> Change:
    """Return the change that encrypts anew what an earlier key encrypted; what is damaged stays as it is."""

    def change(value: str, place: str) -> str | None:
        if number_of(value) == ciphers.newest():
            return None
        try:
            return ciphers.seal(ciphers.unseal(value, place.encode()), place.encode())
        except TamperedError:
            return None

    return change


def is_sealed(ciphers: Ciphers, value: str, place: str) -> bool:
    """Tell whether a value is encrypted: it has the form, and authenticates, which no other text does."""
    if not value.startswith(f"{VERSION}."):
        return False
    try:
        ciphers.unseal(value, place.encode())
    except TamperedError:
        return False
    return True


def _rewrite(engine: Engine, name: str, names: Sequence[str], change: Change, trigger: str | None) -> int:
    (key,) = inspect(engine).get_pk_constraint(name)["constrained_columns"]
    rows = table(name, column(key), *map(column, names))
    changed, last = 0, 0
    while True:
        with engine.connect() as connection:
            following = select(rows.c[key], *(rows.c[each] for each in names)).where(rows.c[key] > last)
            found = connection.execute(following.order_by(rows.c[key]).limit(AT_A_TIME)).all()
        if not found:
            return changed
        last = found[-1][0]
        changes = [_changes(number, dict(zip(names, values, strict=True)), name, change) for number, *values in found]
        wanted = [each for each in changes if each.new]
        if wanted:
            with _writing(engine, name, trigger) as connection:
                _write(connection, rows, rows.c[key], wanted)
        changed += sum(len(each.new) for each in wanted)


class _Changes(NamedTuple):
    """Of one row what stands there, and what shall."""

    key: int
    was: Mapping[str, str | None]
    new: Mapping[str, str]


def _changes(key: int, was: Mapping[str, str | None], name: str, change: Change) -> _Changes:
    changed = {each: change(value, f"{name}.{each}") for each, value in was.items() if value is not None}
    return _Changes(key, was, {each: value for each, value in changed.items() if value is not None})


def _write(connection: Connection, rows: TableClause, key: ColumnElement[Any], wanted: list[_Changes]) -> None:
    for names, group in groupby(sorted(wanted, key=_names), key=_names):
        same = (rows.c[name] == bindparam(f"was_{name}") for name in names)
        statement = update(rows).where(key == bindparam("this"), *same)
        values = [
            {"this": each.key, **{f"was_{n}": each.was[n] for n in names}, **{f"is_{n}": each.new[n] for n in names}}
            for each in group
        ]
        connection.execute(statement.values({name: bindparam(f"is_{name}") for name in names}), values)


def _names(changes: _Changes) -> tuple[str, ...]:
    return tuple(changes.new)


@contextmanager
def _writing(engine: Engine, name: str, trigger: str | None) -> Iterator[Connection]:
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":  # so that what is done to a trigger is part of the transaction
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        with _set_aside(connection, name, trigger):
            yield connection


@contextmanager
def _set_aside(connection: Connection, name: str, trigger: str | None) -> Iterator[None]:
    """Let a table be written to in spite of a trigger; nobody else sees it without."""
    if trigger is None:
        yield
    elif connection.dialect.name == "sqlite":
        made = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        statement = connection.execute(made, {"name": trigger}).scalar_one()
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        yield
        connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER {trigger}")
