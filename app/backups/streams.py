"""Lines of a backup in parts of a few megabytes: compressed, encrypted, counted, and with a digest over all of them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.backups.errors import TamperedBackupError
from app.backups.places import Place
from app.backups.secrets import Secret

PART_BYTES = 4 * 1024 * 1024  # of lines, before they are compressed
MOST_PART_BYTES = 256 * 1024 * 1024  # that a part may unpack to: a line is a row, and the largest is a few megabytes
WHOLE = 1 << 256


class Digest:
    """A digest of lines in any order: databases sort texts differently, and what is compared is what they hold."""

    def __init__(self) -> None:
        self.lines = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a line."""
        self.lines += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest(), "big")) % WHOLE

    def text(self) -> str:
        """Return it as 64 hex digits."""
        return f"{self._sum:064x}"


@dataclass(frozen=True, slots=True)
class Stream:
    """What the manifest says of lines: how many they are, in how many parts, and their digest."""

    lines: int
    parts: int
    digest: str

    @classmethod
    def of(cls, said: dict[str, Any]) -> Stream:
        """Read what stands in a manifest; KeyError, TypeError, ValueError."""
        return cls(int(said["lines"]), int(said["parts"]), str(said["digest"]))


class Writer:
    """Writes lines; they are there once `close` has returned what the manifest is to say of them."""

    def __init__(self, place: Place, secret: Secret, name: str) -> None:
        self._place, self._secret, self._name = place, secret, name
        self._digest, self._parts = Digest(), 0
        self._lines: list[bytes] = []
        self._bytes = 0

    def add(self, line: bytes) -> None:
        """Add a line, which has no line break."""
        self._digest.add(line)
        self._lines.append(line)
        self._bytes += len(line) + 1
        if self._bytes >= PART_BYTES:
            self._flush()

    def close(self) -> Stream:
        """Write what is left."""
        if self._lines:
            self._flush()
        return Stream(self._digest.lines, self._parts, self._digest.text())

    def _flush(self) -> None:
        self._parts += 1
        name = part_name(self._secret.backup_id, self._name, self._parts)
        content = zlib.compress(b"\n".join(self._lines), level=3)
        self._place.put(name, self._secret.encrypt(name, content))
        self._lines, self._bytes = [], 0


def read(place: Place, secret: Secret, name: str, stream: Stream) -> Iterator[bytes]:
    """Yield the lines of a stream; TamperedBackupError if one is missing, too many, or not what was written."""
    digest = Digest()
    for number in range(1, stream.parts + 1):
        for line in _unpacked(place, secret, part_name(secret.backup_id, name, number)):
            digest.add(line)
            yield line
    if (digest.lines, digest.text()) != (stream.lines, stream.digest):
        raise TamperedBackupError(f"What the backup lists under {name} is not what its manifest says.")


def part_name(backup_id: str, name: str, number: int) -> str:
    """Return where a part is."""
    return f"backups/{backup_id}/{name}/{number:06}"


def _unpacked(place: Place, secret: Secret, name: str) -> list[bytes]:
    try:
        packed = secret.decrypt(name, place.get(name))
    except FileNotFoundError as error:
        raise TamperedBackupError(f"{name} is missing from the backup.") from error
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, MOST_PART_BYTES)
    if not unpacking.eof:
        raise TamperedBackupError(f"{name} is damaged.")
    return content.split(b"\n")
