"""Anchors: a file outside the database, which says every so often how long the log was, and the hash of its last event.

Whoever cuts off the end of the log, or restores an older copy of the database, can't take back what stands there.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app import private
from app.audit.chain import anchor_seal, is_same
from app.clock import now
from app.secret_files import write_secret
from config import Settings

BEGINNING = '{"position": '


@dataclass(frozen=True, slots=True)
class Anchor:
    """The log's length at a time, and the hash of its last event; `genuine`: whoever wrote it had the key."""

    position: int
    hash: str
    genuine: bool


NONE = Anchor(0, "", genuine=False)


def file_of(settings: Settings) -> Path:
    """Return where the anchors are."""
    return settings.audit_anchors or settings.instance / "audit-anchors.jsonl"


def write(path: Path, key: bytes, position: int, hash_: str) -> None:
    """Add an anchor to the file, and see it safely on the disk."""
    line = {"position": position, "hash": hash_, "at": now().isoformat(), "seal": anchor_seal(key, position, hash_)}
    private.file(path)
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        begun = b"" if _ends_whole(file) else b"\n"  # what a full disk or a power cut has left of a line stays one
        file.write(begun + json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, key: bytes) -> Iterator[Anchor]:
    """Yield the anchors of a file as they stand there, but for those that were not written whole; none without a file.

    Whoever breaks off a line so has taken an anchor away, which those that follow would not have told either.
    """
    if not path.exists():
        return
    with path.open(errors="replace") as file:
        for line in file:
            if not _is_torn(line):
                yield _anchor(line, key)


def _ends_whole(file: BinaryIO) -> bool:
    """Tell whether a file ends with a line, and go there."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _is_torn(line: str) -> bool:
    """Tell whether a line is the beginning of an anchor and no more."""
    text = line.rstrip("\n")
    return not text.endswith("}") and (text.startswith(BEGINNING) or BEGINNING.startswith(text))


def lines_up_to(path: Path, last: int) -> Iterator[str]:
    """Yield the lines of anchors up to a position as they stand in a file, for a copy; none if there is no file."""
    if path.exists():
        with path.open(errors="replace") as file:
            yield from (line.rstrip("\n") for line in file if 0 < _position(line) <= last)


def put_back(path: Path, lines: Iterable[str]) -> None:
    """Write lines that were copied as the file; none is left if this is broken off."""
    write_secret(path, "".join(f"{line}\n" for line in lines), replace=True)


def _position(line: str) -> int:
    try:
        return int(json.loads(line)["position"])
    except (ValueError, TypeError, KeyError):
        return 0


def _anchor(line: str, key: bytes) -> Anchor:
    try:
        found = json.loads(line)
        position, hash_, seal = int(found["position"]), str(found["hash"]), str(found["seal"])
    except (ValueError, TypeError, KeyError):
        return NONE
    return Anchor(position, hash_, genuine=is_same(seal, anchor_seal(key, position, hash_)))
