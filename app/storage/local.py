"""Storage in a folder of this machine."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

SAFE_KEY = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*(?:\.[a-z0-9]+)?")
PARTIAL = ".partial-"


class LocalStorage:
    """Keeps each content in a file of its own; keys can't leave the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Write to a second file, then move it into place."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=PARTIAL, dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            _move(partial, path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes:
        """Read a file; FileNotFoundError if there is none."""
        return self._path(key).read_bytes()

    def beginning(self, key: str, length: int) -> bytes:
        """Read the first bytes of a file; FileNotFoundError if there is none."""
        with self._path(key).open("rb") as file:
            return file.read(length)

    def delete(self, key: str) -> None:
        """Remove a file and the folders that this leaves empty."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        for parent in path.relative_to(self._folder).parents:
            if parent == Path():
                break
            try:
                (self._folder / parent).rmdir()
            except OSError:  # something else is in it, or came meanwhile
                break

    def keys(self, under: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield the keys in a folder with their files' modification times; half-written files are keys too."""
        for folder, _, names in os.walk(self._path(under) if under else self._folder):  # passes over what is gone
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):  # removed while we walked
                    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield path.relative_to(self._folder).as_posix(), written

    def ready(self) -> bool:
        """Tell whether the folder can be written to."""
        return os.access(self._folder, os.W_OK | os.X_OK)

    def _path(self, key: str) -> Path:
        if not SAFE_KEY.fullmatch(key.removeprefix(PARTIAL)):
            raise ValueError(f"not a storage key: {key!r}")
        return self._folder / key


def _move(partial: str, path: Path) -> None:
    """Move a file into its folder, which may just have been removed because it was empty."""
    try:
        os.replace(partial, path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial, path)
