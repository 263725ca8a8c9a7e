"""Storage in a folder of this machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from heapq import nsmallest
from pathlib import Path

import structlog

from app.errors import StorageFullError, StorageUnavailableError
from app.storage.durable import PARTIAL, write_all
from app.storage.names import is_safe, require_safe

IN_MEMORY = 100_000  # names of one folder, which may have more
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = structlog.get_logger(__name__)


class LocalStorage:
    """Keeps each content in a file of its own; keys can't leave the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Write to a second file, then move it into place."""
        self.put_all({key: content})

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """Write several files, for which the disk is waited for little longer than for one."""
        files = {self._path(key): content for key, content in contents.items()}
        with self._told("put"):
            if not self._folder.is_dir():  # it is never made here: it may be a disk that is not mounted
                raise NotADirectoryError(errno.ENOTDIR, "the folder is gone")
            write_all(self._folder, files)

    def get(self, key: str) -> bytes:
        """Read a file; FileNotFoundError if there is none."""
        with self._told("get"):
            return self._path(key).read_bytes()

    def beginning(self, key: str, length: int) -> bytes:
        """Read the first bytes of a file; FileNotFoundError if there is none."""
        with self._told("get"), self._path(key).open("rb") as file:
            return file.read(length)

    def delete(self, key: str) -> None:
        """Remove a file and the folders that this leaves empty."""
        path = self._path(key)
        with self._told("delete"):
            path.unlink(missing_ok=True)
        for parent in path.relative_to(self._folder).parents:
            if parent == Path():
                break
            try:
                (self._folder / parent).rmdir()
            except OSError:  # something else is in it, or came meanwhile
                break

    def delete_all(self, keys: Iterable[str]) -> None:
        """Remove several files."""
        for key in keys:
            self.delete(key)

    def keys(self, under: str = "", *, after: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield the keys in order with their files' modification times, and pass over what goes meanwhile."""
        with self._told("list"):
            yield from _walk(self._folder / under, f"{under}/" if under else "", after)

    def ready(self) -> bool:
        """Tell whether the folder can be written to."""
        return os.access(self._folder, os.W_OK | os.X_OK)

    def remove_unfinished(self, before: datetime) -> int:
        """Remove half-written files that nobody is at work on any more."""
        removed = 0
        with self._told("delete"):
            for path in self._folder.glob(f"{PARTIAL}*"):
                with suppress(FileNotFoundError):
                    if _written(path.stat()) < before:
                        path.unlink()
                        removed += 1
        return removed

    @contextmanager
    def _told(self, operation: str) -> Iterator[None]:
        """Let what the disk can't do be read of in our own words; what is not there is another matter."""
        try:
            yield
        except OSError as error:
            if isinstance(error, FileNotFoundError) and self._folder.is_dir():
                raise
            reason = errno.errorcode.get(error.errno or 0, "unknown")
            log.error("storage_unavailable", operation=operation, reason=reason)
            raise (StorageFullError() if error.errno in NO_ROOM else StorageUnavailableError()) from error

    def _path(self, key: str) -> Path:
        return self._folder / require_safe(key)


def _walk(folder: Path, at: str, after: str) -> Iterator[tuple[str, datetime]]:
    """Yield what lies in a folder, the key of which is `at`, in the order of the keys."""
    beyond = ""
    while names := nsmallest(IN_MEMORY, _following(folder, at, after, beyond)):
        for key in names:
            path = folder / key.removeprefix(at)
            if key.endswith("/"):
                yield from _walk(path, key, after)
            elif is_safe(key):
                with suppress(FileNotFoundError):  # removed while we walked
                    yield key, _written(path.stat())
        beyond = names[-1]


def _following(folder: Path, at: str, after: str, beyond: str) -> Iterator[str]:
    """Yield the keys of files, and with a slash of folders in which something after `after` may lie."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            key = at + entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
            if key > beyond and (key > after or (key.endswith("/") and after.startswith(key))):
                yield key


def _written(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)
