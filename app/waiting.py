"""Whether photographs wait for their turn on this machine: told by the web server's processes, asked by the worker.

Each process that has some waiting holds a shared lock on one file. Linux takes it away from a process that dies.
"""

from __future__ import annotations

import contextlib
import fcntl
from pathlib import Path
from typing import IO

NAME = "photographs-wait"


class Waiting:
    """The file in a folder; where there can be none, nobody is ever told to wait."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._held: IO[bytes] | None = None

    def tell(self, some: bool) -> None:
        """Say whether some wait for this process; what can't be said now is said when others begin to wait."""
        with contextlib.suppress(OSError):
            if self._held is not None:
                self._held.close()
            self._held = self._path.open("ab") if some else None
            if self._held is not None:
                fcntl.flock(self._held, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def nobody(self) -> bool:
        """Tell whether none wait for any process of this machine."""
        try:
            with self._path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
