"""The objects of a backup: encrypted as they are, each kept once however many backups list it.

What an object is called there follows from its key and its header, which holds the wrapped data key: it is another's
name as soon as it is written or sealed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog

from app.backups.errors import BackupError, TamperedBackupError
from app.backups.manifest import Backup
from app.backups.places import Place, is_there
from app.backups.side_by_side import side_by_side
from app.backups.streams import Writer, read
from app.keys import UnknownKeyError, UnreadableError
from app.storage.encryption import HEADER_BYTES, EncryptedStorage

FOLDER = "objects"
STREAM = "objects"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """An object: its key, and what the backup calls it; None if the site has lost it."""

    key: str
    name: str | None
    size: int = 0
    copied: bool = False

    def line(self) -> bytes:
        """Return it as a line of the backup."""
        return json.dumps([self.key, self.name]).encode()

    @classmethod
    def of(cls, line: bytes) -> Listed:
        """Read a line."""
        key, name = json.loads(line)
        return cls(key, name)


def name_of(key: str, header: bytes) -> str:
    """Return what an object is called in backups."""
    name = hashlib.sha256(key.encode() + b"\n" + header).hexdigest()[:40]
    return f"{FOLDER}/{name[:2]}/{name}"


def copy(storage: EncryptedStorage, place: Place, keys: Iterable[str], writer: Writer) -> Iterator[Listed]:
    """Copy what the place does not have yet, list everything, and yield what was listed."""

    def copied(key: str) -> Listed:
        try:
            return _copied(storage, place, key)
        except FileNotFoundError:
            return Listed(key, None)
        except UnreadableError as error:
            log.error("object_not_in_backup", key=key, reason=error.message)
            return Listed(key, None)

    for listed in side_by_side(keys, copied):
        writer.add(listed.line())
        yield listed


def put_back(storage: EncryptedStorage, backup: Backup, tell: Callable[[], None]) -> int:
    """Put every object where it was, unless it is there; return how many were. TamperedBackupError, BackupError."""

    def put(listed: Listed) -> bool:
        tell()
        return listed.name is not None and _put(storage, backup.place, listed.key, listed.name)

    return sum(side_by_side(listed_in(backup), put))


def listed_in(backup: Backup) -> Iterator[Listed]:
    """Yield what a backup lists."""
    return map(Listed.of, read(backup.place, backup.secret, STREAM, backup.manifest.objects.stream))


def opened(storage: EncryptedStorage, place: Place, key: str, name: str) -> bytes:
    """Read an object of a backup as it is, and hold that it is the one that is listed, and opens."""
    try:
        kept = place.get(name)
    except FileNotFoundError as error:
        raise TamperedBackupError(f"{name} is missing from the backup.") from error
    if name_of(key, kept[:HEADER_BYTES]) != name:
        raise TamperedBackupError(f"{name} is damaged, or is not what Lentigo wrote there.")
    try:
        storage.opened(key, kept)
    except UnknownKeyError as error:
        raise BackupError("A master key under which objects of the backup are encrypted is not here.") from error
    except UnreadableError as error:
        raise TamperedBackupError(f"{name} is damaged, or is not what Lentigo wrote there.") from error
    return kept


def _copied(storage: EncryptedStorage, place: Place, key: str) -> Listed:
    name = name_of(key, storage.header(key))
    if is_there(place, name):
        return Listed(key, name)
    kept = storage.sealed(key)
    name = name_of(key, kept[:HEADER_BYTES])  # it may have been sealed anew meanwhile
    place.put(name, kept)
    return Listed(key, name, len(kept), copied=True)


def _put(storage: EncryptedStorage, place: Place, key: str, name: str) -> bool:
    if _is_in_place(storage, key, name):
        return False
    storage.put_sealed(key, opened(storage, place, key, name))
    return True


def _is_in_place(storage: EncryptedStorage, key: str, name: str) -> bool:
    """Tell whether an object is there already, and whole: a restore that was killed goes on."""
    try:
        return name_of(key, storage.sealed(key)[:HEADER_BYTES]) == name
    except (FileNotFoundError, UnreadableError):
        return False
