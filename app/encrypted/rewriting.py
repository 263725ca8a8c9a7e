"""Go through encrypted columns, some rows at a time, while others read and write: to encrypt, or with another key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, column, inspect, select, table, text, update

from app.encrypted.ciphers import VERSION, Ciphers, number_of
from app.keys import TamperedError

AT_A_TIME = 500  # rows of a transaction
Change = Callable[[str, str], str | None]  # what stands in a place, and the place: what shall stand there, None if that
Columns = Mapping[str, Sequence[str]]  # of each table


def rewrite(engine: Engine, columns: Columns, change: Change, *, sealed: Mapping[str, str] | None = None) -> int:
    """Change what stands in columns, and return how many values were changed; each table has an integer key `id`.

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
    rows = table(name, column("id"), *map(column, names))
    changed, last = 0, 0
    while True:
        with engine.connect() as connection:
            following = select(rows).where(rows.c.id > last).order_by(rows.c.id).limit(AT_A_TIME)
            found = connection.execute(following).mappings().all()
        if not found:
            return changed
        last = found[-1]["id"]
        updates = [update for row in found if (update := _changes(row, name, names, change))]
        if updates:
            with _writing(engine, name, trigger) as connection:
                _write(connection, rows, updates)
        changed += sum(len(new) for _, _, new in updates)


Update = tuple[int, dict[str, str], dict[str, str]]  # of a row: what stood there, and what shall


def _changes(row: Mapping[Any, Any], name: str, names: Sequence[str], change: Change) -> Update | None:
    new = {
        each: changed
        for each in names
        if row[each] is not None and (changed := change(row[each], f"{name}.{each}")) is not None
    }
    return (row["id"], {each: row[each] for each in new}, new) if new else None


def _write(connection: Connection, rows: Any, updates: list[Update]) -> None:
    for names, group in groupby(sorted(updates, key=lambda each: tuple(each[2])), key=lambda each: tuple(each[2])):
        same = [rows.c[name] == bindparam(f"was_{name}") for name in names]
        statement = update(rows).where(and_(rows.c.id == bindparam("key"), *same))
        values = [
            {"key": key, **{f"was_{name}": was[name] for name in names}, **{f"is_{name}": new[name] for name in names}}
            for key, was, new in group
        ]
        connection.execute(statement.values({name: bindparam(f"is_{name}") for name in names}), values)


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
