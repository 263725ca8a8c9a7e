"""An engine on a thread of its own that goes behind the others of its process: pages are answered while it computes."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from models.engines.base import Answers, Engine

if TYPE_CHECKING:
    from models.engines.base import Floats


class Behind:
    """An engine that is built, and runs, on one thread, so many steps of `niceness` behind the others: setpriority(2).

    The threads that the engine starts for itself are as nice. Only Linux gives threads priorities of their own.
    """

    def __init__(self, build: Callable[[], Engine], niceness: int) -> None:
        self._thread = ThreadPoolExecutor(1, "network", lambda: _go_behind(niceness))
        self._engine = self._thread.submit(build).result()
        self.name = self._engine.name

    def run(self, image: Floats) -> Answers:
        """Return what the engine answers for one scaled picture (1, px, px, 3)."""
        return self._thread.submit(self._engine.run, image).result()


def _go_behind(niceness: int) -> None:
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # a sandbox may forbid it: then it goes beside the others
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + niceness)
