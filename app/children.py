"""Processes that the supervisor starts: each in a session of its own, asked to end once, and not left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

from config import ROOT

WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")
TICK_SECONDS = 0.05
READY = "READY_FD"  # by which gunicorn's processes learn where to say that they answer


class Child:
    """A process with those that it starts."""

    def __init__(self, command: Sequence[str], descriptors: Sequence[int] = ()) -> None:
        # a session of its own: Ctrl-C at the terminal reaches the supervisor alone, which then ends each child once
        self._process = subprocess.Popen(  # noqa: S603 - our own
            command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=descriptors
        )
        self._asked = False

    @property
    def status(self) -> int | None:
        """How it has ended; None while it runs."""
        return self._process.poll()

    @property
    def over(self) -> bool:
        """Whether it has ended; if it was not asked to, what it has started may still be finishing what it is at."""
        return self.status is not None and (self._asked or not self._left_any())

    def ask_to_end(self) -> None:
        """Let it finish what it is at, and take nothing new."""
        if self.status is None:
            self._asked = True
            self._process.send_signal(signal.SIGTERM)

    def end(self, until: float) -> None:
        """Wait until it is over, or until that moment of the monotonic clock; leave nothing of it."""
        while not self.over and time.monotonic() < until:
            time.sleep(TICK_SECONDS)
        self.kill()
        self._process.wait()

    def kill(self) -> None:
        """End it, and what it has started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group that is ending
            os.killpg(self._process.pid, signal.SIGKILL)  # children of a child that was killed

    def _left_any(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # as above
            pass
        return True


class Worker(Child):
    """A worker."""

    def __init__(self) -> None:
        super().__init__(WORKER)


class Web(Child):
    """A web server on a socket that others may listen on too; `answers` once one of its processes has started."""

    def __init__(self, listening: socket.socket) -> None:
        self._said, saying = os.pipe()
        self._answers = False
        address, ready = f"fd://{listening.fileno()}", f"{READY}={saying}"
        command = (
            sys.executable, "-m", "gunicorn", "--config", "python:app.web_server", "--bind", address, "--env", ready,
            "wsgi:app",
        )  # fmt: skip
        super().__init__(command, (listening.fileno(), saying))
        os.close(saying)

    @property
    def answers(self) -> bool:
        """Whether it has said that it answers."""
        if not self._answers and select.select([self._said], [], [], 0)[0]:
            self._answers = os.read(self._said, 1) != b""
        return self._answers

    def end(self, until: float) -> None:
        """End it as other children."""
        super().end(until)
        os.close(self._said)
