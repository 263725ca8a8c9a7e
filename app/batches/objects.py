"""The objects that files of batches name, for whoever copies them all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from app.batches.tables import BatchItem, original_key
from app.storage.named import names_passing_objects

AT_ONCE = 2_000


@names_passing_objects
def originals(connection: Connection) -> Iterator[str]:
    """Yield the keys of what was sent and is kept until it is worked on."""
    kept = select(BatchItem.public_id).where(BatchItem.kept.is_(True)).execution_options(yield_per=AT_ONCE)
    for public_id in connection.scalars(kept):
        yield original_key(public_id)
