"""How many processors this process may use, and how many threads one classification is given of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
MOST = 4  # threads of one classification; one that may have all of many processors would starve what runs beside it


def available_processors(groups: Path = GROUPS, own: Path = OWN_GROUPS) -> int:
    """Return how many processors this process may use at once: those it is bound to, or what its container grants."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([bound, *(int(quota) for quota in _quotas(groups, own))]))


def fitted_threads(processors: int, processes: int) -> int:
    """Return the threads of one classification in one of so many processes.

    Twice a process's share: they seldom classify at the same moment, and when they do it costs little
    (docs/decisions/0055-engines-threads-and-one-network-in-memory.md).
    """
    return max(1, min(MOST, processors, 2 * processors // processes))


def _quotas(groups: Path, own: Path) -> Iterator[float]:
    """Yield what each control group above this process grants, in processors."""
    for place in _places(groups, own):
        for files in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
            quota, period = _words(*(place / file for file in files))
            if quota.isdigit() and period.isdigit() and int(period):
                yield int(quota) / int(period)


def _places(groups: Path, own: Path) -> Iterator[Path]:
    """Yield the folders of the groups, from the innermost to the outermost; of version 1, the controller's own."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = groups / controllers if controllers else groups
        place = root / path.lstrip("/")
        yield from (place, *(parent for parent in place.parents if parent.is_relative_to(root)))


def _words(*files: Path) -> tuple[str, str]:
    """Return the first two words of some files; empty ones where they can't be read."""
    try:
        words = " ".join(file.read_text() for file in files).split()
    except OSError:
        words = []
    return (words[0], words[1]) if len(words) > 1 else ("", "")
