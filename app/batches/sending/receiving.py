"""Take in what a form or a script sends: photographs one by one, and zip files of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from app.batches import services
from app.batches.sending.archive import Unpacked, ZipLimits, is_zip, unpack
from app.batches.sending.names import beside_the_point
from app.batches.tables import Batch, BatchItem
from app.storage import Storage
from app.upload.inspection import Limits
from config import Settings


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it arrived: what it is said to be called, and its content, which can be read more than once."""

    path: str
    stream: IO[bytes]


def receive(storage: Storage, batch: Batch, files: Iterable[Sent], settings: Settings) -> list[BatchItem]:
    """Store files, and return them as items that `services.keep` takes; those that systems make are passed over.

    RefusedUploadError says what is wrong with a zip file, or that there are too many files: then nothing is stored.
    """
    limits, items = Limits.of(settings), list[BatchItem]()
    try:
        for file, archive in _files(files, settings):
            services.require_room(len(items), settings.batch_photographs)
            path, content = file.path, file.content
            items.append(services.item_of(storage, batch, path=path, content=content, limits=limits, archive=archive))
    except BaseException:
        services.let_go(storage, items)
        raise
    return items


def _files(files: Iterable[Sent], settings: Settings) -> Iterator[tuple[Unpacked, bool]]:
    """Yield each file with its content, one at a time in memory, and whether it comes out of a zip file."""
    for sent in files:
        sent.stream.seek(0)
        if is_zip(sent.stream.read(4)):
            for unpacked in unpack(sent.stream, ZipLimits.of(settings)):
                yield unpacked, True
        elif not beside_the_point(sent.path):
            sent.stream.seek(0)
            yield Unpacked(sent.path, sent.stream.read(Limits.of(settings).bytes + 1)), False
