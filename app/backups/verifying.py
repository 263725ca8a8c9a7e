"""Verify a backup without restoring it: every line is read, every object opened."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from app.backups import objects
from app.backups.errors import BackupError, TamperedBackupError
from app.backups.manifest import Backup
from app.backups.objects import Listed
from app.backups.side_by_side import side_by_side
from app.backups.streams import Stream, read
from app.storage.encryption import EncryptedStorage

MOST_TOLD = 20


def verify(
    storage: EncryptedStorage, backup: Backup, *, sample: int | None = None, tell: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong, MOST_TOLD at most; of a `sample` of the objects, or of all."""
    wrong = list(verify_lines(backup))
    yield from wrong
    if not wrong:
        yield from islice(_wrong_objects(storage, backup, sample, tell), MOST_TOLD)


def verify_lines(backup: Backup) -> Iterator[str]:
    """Yield a sentence for each list of a backup in which something is wrong; objects are not looked at."""
    for name, stream in _streams(backup):
        try:
            for _ in read(backup.place, backup.secret, name, stream):
                pass
        except TamperedBackupError as error:
            yield error.message


def _wrong_objects(
    storage: EncryptedStorage, backup: Backup, sample: int | None, tell: Callable[[], None]
) -> Iterator[str]:
    def wrong(listed: Listed) -> str | None:
        tell()
        try:
            if listed.name is not None:
                objects.opened(storage, backup.place, listed.key, listed.name)
        except BackupError as error:
            return error.message
        return None

    listed = _some(objects.listed_in(backup), sample)
    yield from (sentence for sentence in side_by_side(listed, wrong) if sentence)


def _streams(backup: Backup) -> Iterator[tuple[str, Stream]]:
    manifest = backup.manifest
    yield from ((f"rows-{name}", table.stream) for name, table in manifest.tables.items())
    yield from (("anchors", manifest.anchors), ("erasures", manifest.erasures))
    yield objects.STREAM, manifest.objects.stream


def _some(listed: Iterable[Listed], sample: int | None) -> Iterable[Listed]:
    """Return so many by chance, each with the same chance; all of them without a number."""
    if sample is None:
        return listed
    chosen: list[Listed] = []
    for number, one in enumerate(listed):
        if number < sample:
            chosen.append(one)
        elif (place := random.randrange(number + 1)) < sample:  # noqa: S311 - no secret
            chosen[place] = one
    return chosen
