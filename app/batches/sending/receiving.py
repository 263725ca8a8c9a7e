"""Take in what a form or a script sends: photographs one by one, and zip files of them."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import IO

from app.batches import services
from app.batches.tables import Batch, BatchItem
from app.decoding.limits import Limits, ZipLimits
from app.decoding.names import beside_the_point
from app.decoding.reading import Unpacked, unpacked
from app.storage import Storage
from config import Settings

ZIPS = (b"PK\x03\x04", b"PK\x05\x06")  # what a zip file begins with, and an empty one


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
        with closing(_files(files, settings)) as received:
            for file, archive in received:
                services.require_room(len(items), settings.batch_photographs)
                path, content = file.path, file.content
                item = services.item_of(storage, batch, path=path, content=content, limits=limits, archive=archive)
                items.append(item)
    except BaseException:
        services.let_go(storage, items)
        raise
    return items


def _files(files: Iterable[Sent], settings: Settings) -> Generator[tuple[Unpacked, bool], None, None]:
    """Yield each file with its content, one at a time in memory, and whether it comes out of a zip file."""
    for sent in files:
        sent.stream.seek(0)
        if sent.stream.read(4).startswith(ZIPS):
            with closing(unpacked(sent.stream, ZipLimits.of(settings))) as files_in_it:
                for file in files_in_it:
                    yield file, True
        elif not beside_the_point(sent.path):
            sent.stream.seek(0)
            yield Unpacked(sent.path, sent.stream.read(Limits.of(settings).bytes + 1)), False
