"""What the first request would wait for, done beside everything else once a process has started."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Warming:
    """Some work, done once, on a thread of its own; None if there is nothing to do."""

    def __init__(self, work: Callable[[], object] | None) -> None:
        self._work = work
        self._under_way = threading.Event()

    def start(self, then: Callable[[], object] = bool) -> None:
        """Begin, and don't wait for it; `then` is called afterwards."""
        if self._work is None:
            then()
            return
        self._under_way.set()
        threading.Thread(target=self._do, args=(then,), name="warming", daemon=True).start()

    @property
    def under_way(self) -> bool:
        """Whether it has begun, and has not ended yet in one way or the other."""
        return self._under_way.is_set()

    def _do(self, then: Callable[[], object]) -> None:
        try:
            if self._work is not None:
                self._work()
        finally:
            self._under_way.clear()
            then()
