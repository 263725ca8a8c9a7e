"""The open streams of one process: each has a thread to itself, so there are only so many."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from typing import cast

from flask import current_app


def _never() -> bool:
    return False


class Streams:
    """Room for `most` streams; `stopping` tells whether the process is to end, and is set by the web server."""

    def __init__(self, most: int) -> None:
        self._room = threading.BoundedSemaphore(most)
        self.stopping: Callable[[], bool] = _never

    def take(self) -> bool:
        """Take the room of a stream, if there is any; whoever has it gives it back."""
        return not self.stopping() and self._room.acquire(blocking=False)

    def give_back(self) -> None:
        """Leave the room of a stream to others."""
        self._room.release()

    def wait(self, seconds: float, connection: socket.socket | None) -> bool:
        """Wait; False at once if the other end has closed the connection, or if the process is to end.

        Nothing more is expected from the other end, so whatever comes is its farewell.
        """
        if connection is None:
            time.sleep(seconds)
            return not self.stopping()
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        return not poll.poll(1000 * seconds) and not self.stopping()


def current_streams() -> Streams:
    """Return the streams of the current application."""
    return cast(Streams, current_app.extensions["live"])
