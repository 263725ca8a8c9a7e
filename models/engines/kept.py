"""What was measured of engines on this machine: a small file, written by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("ai-edge-litert", "openvino")
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(slots=True)
class Choice:
    """The engine that was chosen before, or None; `keep` says which it is now."""

    name: str | None
    measured: dict[str, Any] = field(default_factory=dict)

    def keep(self, name: str, seconds: Mapping[str, float]) -> None:
        """Choose an engine; what each took is kept for whoever reads the file."""
        self.measured = {"engine": name, "milliseconds": {each: round(1000 * s, 2) for each, s in seconds.items()}}


class KeptChoices:
    """Engines by network, threads, processor and versions; without a file nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @contextmanager
    def of(self, sha256: str, threads: int) -> Iterator[Choice]:
        """Yield what was chosen for a network; while one process measures, others wait for what it finds."""
        if self._file is None or not self._file.parent.is_dir():
            yield Choice(None)
            return
        circumstances = {"network": sha256, "threads": threads, "processor": processor(), "versions": versions()}
        key = json.dumps(circumstances, sort_keys=True)
        with self._file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            kept = _read(file.read())
            known = kept.get(key)
            choice = Choice(str(known["engine"]) if isinstance(known, dict) and "engine" in known else None)
            yield choice
            if choice.measured:
                file.truncate(0)
                file.write(json.dumps({**kept, key: choice.measured}, indent=1) + "\n")


def _read(text: str) -> dict[str, Any]:
    """Return what a file says; nothing if it is damaged: it is measured again then."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def processor() -> str:
    """Return the model of the processor, and how many of them this process may use."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    wanted = ("vendor_id", "cpu family", "model", "model name", "stepping")
    facts = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    named = {key.strip(): value.strip() for key, value in facts.items()}
    found = " ".join(named[key] for key in wanted if key in named) or platform.processor() or platform.machine()
    return f"{found} x {os.cpu_count()}"


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Return the versions of those packages that are installed: of the engines, if nothing else is asked."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
