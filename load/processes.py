"""What the processes of the site take: memory over time, and processor time."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import psutil

EVERY = 2.0  # seconds
WORDS = (("worker", "worker"), ("decoding", "decoders"), ("gunicorn", "web"), ("supervisor", "supervisor"))


@dataclass(frozen=True, slots=True)
class Sizes:
    """The resident memory of each process in MB, by number and kind, after so many requests."""

    seconds: float
    requests: int
    megabytes: dict[str, float]


class Watch:
    """Looks at the processes under one process, for as long as `over_time` runs."""

    def __init__(self, root: psutil.Process, requests: Callable[[], int]) -> None:
        self._root, self._requests = root, requests
        self._began = time.monotonic()
        self.sizes: list[Sizes] = []

    async def over_time(self) -> None:
        """Look every so often, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Note what each process takes now."""
        found = {}
        for kind, process in self._processes():
            try:
                found[f"{kind} {process.pid}"] = process.memory_info().rss / 1e6
            except psutil.Error:  # ended meanwhile
                continue
        self.sizes.append(Sizes(time.monotonic() - self._began, self._requests(), found))

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that was taken so far, by kind; what has ended counts with who waited for it."""
        taken: dict[str, float] = defaultdict(float)
        for kind, process in self._processes():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            taken[kind] += times.user + times.system + times.children_user + times.children_system
        return taken

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        found = []
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                command = " ".join(process.cmdline())
                master = "gunicorn" in command and process.ppid() == self._root.pid
            except psutil.Error:
                continue
            kind = next((kind for word, kind in WORDS if word in command), "other")
            found.append(("web server's master" if master else kind, process))
        return found
