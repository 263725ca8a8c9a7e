"""A new field key: everything is encrypted under it while the site runs, then the earlier ones are forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine, MetaData, delete

from app.encrypted.ciphers import FRESH, ciphers_of, number_of
from app.encrypted.rewriting import Columns, rewrite, with_newest_key
from app.encrypted.types import declared_types
from app.keys import FIELDS, data_keys_of
from app.keys.tables import DataKey

SETTLED_AFTER = 2 * FRESH  # seconds, after which every process writes with the new key


def rotate(engine: Engine, metadata: MetaData, *, pause: Callable[[float], None] = time.sleep) -> int:
    """Encrypt all columns under a new field key, and return how many values were.

    Stopped half-way, it goes on with the key that it had made. What is damaged stays as it is, for whoever mends it,
    and then so do the earlier keys.
    """
    ciphers, columns = ciphers_of(engine.dialect), _columns(metadata)
    sealed = {table.name: table.info["sealed"] for table in metadata.sorted_tables if "sealed" in table.info}
    _new_key(engine)
    ciphers.forget()
    change = with_newest_key(ciphers)
    count = rewrite(engine, columns, change, sealed=sealed)
    pause(SETTLED_AFTER)  # others go on writing with the earlier key for that long
    ciphers.forget()
    while again := rewrite(engine, columns, change, sealed=sealed):
        count += again
    if not _left(engine, columns, ciphers.newest()):
        with engine.begin() as connection:
            connection.execute(delete(DataKey).where(DataKey.purpose == FIELDS, DataKey.number < ciphers.newest()))
    ciphers.forget()
    return count


def _columns(metadata: MetaData) -> Columns:
    columns: dict[str, list[str]] = {}
    for place in declared_types(metadata):
        table, column = place.split(".")
        columns.setdefault(table, []).append(column)
    return columns


def _new_key(engine: Engine) -> None:
    """Make a field key, unless there is one that not everything is encrypted under yet."""
    with engine.begin() as connection:
        data_keys = data_keys_of(connection)
        data_keys.forget()
        if len(data_keys.all_of(FIELDS)) == 1:
            data_keys.make(connection, FIELDS)


def _left(engine: Engine, columns: Columns, newest: int) -> bool:
    """Tell whether anything needs an earlier key."""
    found: list[str] = []

    def look(value: str, place: str) -> None:
        if number_of(value) != newest:
            found.append(place)

    rewrite(engine, columns, look)
    return bool(found)
