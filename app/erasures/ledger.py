"""The file of the erasures: lines are only ever added, beside the database and not in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app import private
from app.erasures.records import Erased, UnreadableLineError

if TYPE_CHECKING:
    from config import Settings


def path_of(settings: Settings) -> Path:
    """Return where the file is."""
    return settings.erasures_file or settings.instance / "erasures.jsonl"


def append(path: Path, erased: Iterable[Erased]) -> None:
    """Add lines, whole and on disk before this returns; OSError."""
    written = "".join(f"{one.line()}\n" for one in erased)
    if not path.exists():
        private.file(path)
    with path.open("r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end and not _ends_whole(path):
            file.write("\n")  # a line that a power cut has left unfinished stays one
        file.write(written)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, *, torn: bool = False) -> Iterator[Erased]:
    """Yield what a file lists; UnreadableLineError for a line that says nothing, unless `torn` ones are passed over."""
    with path.open(encoding="utf-8", errors="replace") as file:  # a line that is no text is one that says nothing
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield Erased.of(line)
            except UnreadableLineError as error:
                if not torn:
                    raise UnreadableLineError(f"Line {number}: {error}.") from error


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
