"""Numbers of all processes of a site in one folder: each has files of its own, and a lock that tells while it lives.

Of a process that is gone, what it has counted stays: a count that went back would be taken for one that began anew. It
is added to that of others who are gone, so that the folder does not grow. A site that starts begins at nothing.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from app import private
from app.metrics.values import numbers
from config import Settings

WEB, WORKER = "web", "worker"
GONE = "gone"  # in place of the name of a process
HIGHEST = "gauge_max"  # the kind of numbers of which the highest counts
TURN = "turn"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that shares its numbers."""

    role: str
    pid: int
    name: str


def folder_of(settings: Settings) -> Path:
    """Return the folder that the processes of this machine count in."""
    return settings.metrics_folder or settings.instance / "metrics"


def share(folder: Path, role: str) -> None:
    """Share the numbers of this process in a folder, as long as it lives."""
    private.folder(folder)
    with _turn(folder, fcntl.LOCK_EX):
        if not any(_lives(path) for path in folder.glob("*.lock")):
            for path in (*folder.glob("*.db"), *folder.glob("*.lock")):
                path.unlink()
        _tidy(folder)
        name = f"{role}-{os.getpid()}-{secrets.token_hex(4)}"
        handle = os.open(folder / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)  # stays open until the process ends
        fcntl.flock(handle, fcntl.LOCK_EX)
        numbers.share(folder, name)


def together(folder: Path) -> tuple[list[Metric], list[Process]]:
    """Return the measures of all processes that share a folder, and those of them that live."""
    with _turn(folder, fcntl.LOCK_SH):
        files = sorted(map(str, folder.glob("*.db")))
        living = [_process(path.stem) for path in folder.glob("*.lock") if _lives(path)]
        return list(MultiProcessCollector.merge(files)), living


def tidy(folder: Path) -> None:
    """Add up what processes have counted that are gone."""
    with _turn(folder, fcntl.LOCK_EX):
        _tidy(folder)


def _tidy(folder: Path) -> None:
    for lock in folder.glob("*.lock"):
        if _lives(lock):
            continue
        for path in folder.glob(f"*_{lock.stem}.db"):
            kind = path.name.removesuffix(f"_{lock.stem}.db")
            _add(folder / f"{kind}_{GONE}.db", kind, MmapedDict.read_all_values_from_file(str(path)))
            path.unlink()
        lock.unlink()


def _add(path: Path, kind: str, found: Iterable[tuple[str, float, float, int]]) -> None:
    kept = MmapedDict(str(path))
    for key, value, time, _ in found:
        before, _ = kept.read_value(key)
        kept.write_value(key, max(before, value) if kind == HIGHEST else before + value, time)
    kept.close()


def _lives(lock: Path) -> bool:
    """Tell whether a process holds its lock."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _process(name: str) -> Process:
    role, pid, _ = name.split("-")
    return Process(role, int(pid), name)


@contextmanager
def _turn(folder: Path, kind: int) -> Iterator[None]:
    """Wait for a turn at the folder: to read along with others, or to change it alone."""
    handle = os.open(folder / TURN, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield
    finally:
        os.close(handle)
