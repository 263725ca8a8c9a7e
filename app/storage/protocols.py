"""What keeps files: the seam between those who have something to keep, and where it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol


class Storage(Protocol):
    """Keeps bytes under keys like ``analyses/AB/photograph.png``.

    What can't be reached, read or written for the moment raises StorageUnavailableError, and what has no room left
    StorageFullError, which is one of them: neither says that there is nothing.
    """

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` whole or not at all; an earlier content of the key is replaced.

        Once this has returned, no power cut takes it away.
        """

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """Keep several contents, for less than each alone would cost; if it raises, some of them may be kept."""

    def get(self, key: str) -> bytes:
        """Return what was kept; FileNotFoundError if there is nothing."""

    def delete(self, key: str) -> None:
        """Forget a key; nothing happens if there is nothing."""

    def delete_all(self, keys: Iterable[str]) -> None:
        """Forget several keys; if it raises, some of them may be left."""

    def keys(self, under: str = "", *, after: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield the keys, or those in the folder `under`, that sort after `after`, and when each was written, UTC.

        They come in the order of their characters, and take little memory however many there are.
        """

    def ready(self) -> bool:
        """Tell whether a file could be written now."""

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what was left half-written before a moment, and count it; nobody but this sees such things."""


class Kept(Storage, Protocol):
    """What keeps the encrypted objects."""

    def beginning(self, key: str, length: int) -> bytes:
        """Return the first bytes of an object; FileNotFoundError if there is none."""
