"""The processes that decoding processes are forked from: one of each kind, started when first needed, replaced if gone.

An origin inherits neither memory nor environment of the process that starts it, and so none of its keys; it ends when
that process does, however that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import structlog

from app.decoding.orders import KINDS, ORDER, PHOTOGRAPHS, READY, UNFILTERED
from app.errors import AppError

ROOT = Path(__file__).parents[2]
PROGRAM = "app.decoding.inside"
START_SECONDS = 60  # that it may take to load what it needs, on a machine that is busy
END_SECONDS = 5
# OpenBLAS, which pydicom's NumPy brings along, would start threads, and what has threads must not fork
SURROUNDINGS = {
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OPJ_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # large photographs in pages of 2 MiB
}

log = structlog.get_logger(__name__)


class DecodersUnavailableError(AppError):
    """No process can be had that would read a file."""

    status = 503
    kind = "reading-unavailable"
    title = "Files can't be read at the moment"


class Origin:
    """One process that forks others, and the socket on which it takes orders."""

    def __init__(self, kind: str, program: str = PROGRAM) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-s", "-E", "-B", "-m", program, kind]
        with theirs:
            # a session of its own: Ctrl-C at the terminal doesn't reach it
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, cwd=ROOT, env=SURROUNDINGS, stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._control = ours
        self._lock = threading.Lock()
        self._ready = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def fork(self, seconds: int, memory: int) -> tuple[socket.socket, socket.socket]:
        """Order a process; return the sockets for the file, and for how it ends. OSError if the origin is gone."""
        self._wait()
        data, their_data = socket.socketpair()
        status, their_status = socket.socketpair()
        with their_data, their_status:
            descriptors = [their_data.fileno(), their_status.fileno()]
            try:
                with self._lock:
                    socket.send_fds(self._control, [ORDER.pack(seconds, memory)], descriptors)
            except OSError:
                data.close()
                status.close()
                raise
        return data, status

    def end(self) -> None:
        """Have it end, with all that it has forked, and wait until it has."""
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        """Wait until it has loaded what it needs, and says so."""
        with self._lock:
            if not self._ready:
                self._control.settimeout(START_SECONDS)
                said = self._control.recv(len(READY))
                if said not in (READY, UNFILTERED):
                    raise ConnectionError("the origin has not started")
                if said == UNFILTERED:
                    log.warning("decoding_without_filter")  # docs/decisions/0048 says what that means
                self._ready = True

    def forget(self) -> None:
        """Let go of it in a process that was forked from the one that has started it."""
        self._control.close()
        self._process.returncode = 0  # it is not ours to wait for


class Origins:
    """The origins of this process, by kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._origins: dict[str, Origin] = {}

    def of(self, kind: str) -> Origin:
        """Return the origin of a kind; started if there is none. DecodersUnavailableError."""
        with self._lock:
            if kind not in self._origins:
                try:
                    self._origins[kind] = Origin(kind)
                except OSError as error:
                    raise DecodersUnavailableError("Files can't be read at the moment; please try again.") from error
            return self._origins[kind]

    def start(self) -> None:
        """Start what most files need, so that the first need not wait for it."""
        with contextlib.suppress(DecodersUnavailableError):
            self.of(PHOTOGRAPHS)

    def replace(self, gone: Origin) -> None:
        """Have a new one started where it is still this one."""
        with self._lock:
            for kind in KINDS:
                if self._origins.get(kind) is gone:
                    del self._origins[kind]
        gone.end()

    def end(self) -> None:
        """End all."""
        for origin in list(self._origins.values()):
            self.replace(origin)

    def forget(self) -> None:
        """Let go of all: this process was forked from theirs."""
        self._lock = threading.Lock()
        for origin in self._origins.values():
            origin.forget()
        self._origins.clear()


origins = Origins()
os.register_at_fork(after_in_child=origins.forget)
atexit.register(origins.end)
