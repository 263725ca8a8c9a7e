"""Anchors: a file outside the database, which says every so often how long the log was, and the hash of its last event.

Whoever cuts off the end of the log, or restores an older copy of the database, can't take back what stands there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app import private
from app.audit.chain import anchor_seal, is_same
from app.clock import now
from config import Settings


@dataclass(frozen=True, slots=True)
class Anchor:
    """The log's length at a time, and the hash of its last event; `genuine`: whoever wrote it had the key."""

    position: int
    hash: str
    genuine: bool


def file_of(settings: Settings) -> Path:
    """Return where the anchors are."""
    return settings.audit_anchors or settings.instance / "audit-anchors.jsonl"


def write(path: Path, key: bytes, position: int, hash_: str) -> None:
    """Add an anchor to the file, and see it safely on the disk."""
    line = {"position": position, "hash": hash_, "at": now().isoformat(), "seal": anchor_seal(key, position, hash_)}
    private.file(path)
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, key: bytes) -> Iterator[Anchor]:
    """Yield the anchors of a file as they stand there; none if there is no file."""
    if not path.exists():
        return
    with path.open(errors="replace") as file:
        for line in file:
            yield _anchor(line, key)


def _anchor(line: str, key: bytes) -> Anchor:
    try:
        found = json.loads(line)
        position, hash_, seal = int(found["position"]), str(found["hash"]), str(found["seal"])
    except (ValueError, TypeError, KeyError):
        return Anchor(0, "", genuine=False)
    return Anchor(position, hash_, genuine=is_same(seal, anchor_seal(key, position, hash_)))
