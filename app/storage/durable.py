"""Files that are there after a power cut: flushed to the disk before they are moved into place, their folders after.

Each flush waits for the disk. So files that belong together are written together: their folders are flushed once.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PARTIAL = ".partial-"


def write_all(folder: Path, contents: Mapping[Path, bytes]) -> None:
    """Write files below `folder`, each whole or not at all; OSError: nothing half-written stays.

    Files that are in place by then stay, for they may have replaced others.
    """
    partials: list[str] = []
    try:
        for content in contents.values():
            partials.append(_beside(folder, content))  # noqa: PERF401 - what was written is known if the next fails
        changed: set[Path] = set()
        for partial, path in zip(partials, contents, strict=True):
            changed |= _move(partial, path)
        for each in sorted(changed, reverse=True):  # what lies in a folder before the folder
            _flush(each)
    except BaseException:
        for partial in partials:
            Path(partial).unlink(missing_ok=True)
        raise


def _beside(folder: Path, content: bytes) -> str:
    """Write and flush a file that has no place yet, and return where it is."""
    handle, partial = tempfile.mkstemp(prefix=PARTIAL, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return partial


def _move(partial: str, path: Path) -> set[Path]:
    """Move a file into its folder, and return the folders that have changed by it."""
    for _ in range(3):  # a folder that is empty may be removed by others meanwhile
        changed = _made(path.parent) | {path.parent}
        with suppress(FileNotFoundError):
            os.replace(partial, path)
            return changed
    raise FileNotFoundError(path)


def _made(folder: Path) -> set[Path]:
    """Make a folder and those it lies in, as far as there are none, and return in which others they were made."""
    if folder.is_dir():
        return set()
    changed = _made(folder.parent)
    with suppress(FileExistsError):  # by somebody else, in this moment
        os.mkdir(folder)  # noqa: PTH102 - beside the other calls of the system, whose order is tested
    return changed | {folder.parent}


def _flush(folder: Path) -> None:
    """Have the disk know what lies in a folder; one that somebody has removed has nothing to be known."""
    with suppress(FileNotFoundError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
