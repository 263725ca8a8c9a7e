"""The objects that tests name, for whoever copies them all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from app.results.tables import Analysis, keys_of
from app.storage.named import names_objects

AT_ONCE = 2_000


@names_objects
def photographs(connection: Connection) -> Iterator[str]:
    """Yield the keys of photographs and thumbnails."""
    ids = select(Analysis.public_id).execution_options(yield_per=AT_ONCE)
    for public_id in connection.scalars(ids):
        yield from keys_of(public_id)
