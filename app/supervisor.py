"""Run web server and worker, say where the site is, renew them at SIGHUP, and stop both at Ctrl-C.

``python -m app.supervisor``, or with `web` or `worker` one of the two.
"""

from __future__ import annotations

import http.client
import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from app.children import Child, Web, Worker
from app.listening import ObstacleError, listening
from config import Settings, settings_or_exit

GRACE_SECONDS = 28  # what is under way may finish
START_SECONDS = 60  # that a new web server may take to answer
RESTART_SECONDS = 2.0
TICK_SECONDS = 0.1
LOADED = "classifier"  # the check that fails while it is being loaded, too
LOADING_SECONDS, LOADING_TURNS = 0.5, 20  # it is asked again after so many seconds, so many times
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on
PARTS = ("web", "worker")


class Supervisor:
    """The two processes, and the wish to stop or to renew them.

    What dies is replaced; a web server that has not answered once is not, and all stops. The socket stays meanwhile:
    whoever connects waits for whoever answers next.
    """

    def __init__(self, settings: Settings, parts: Sequence[str] = PARTS) -> None:
        self._settings = settings
        self._parts = parts
        self._stopping, self._renewing = threading.Event(), threading.Event()
        self._ready = False
        self._leaving: list[tuple[Child, float]] = []
        self._web: Web | None = None
        self._new: tuple[Web, float] | None = None
        self._worker: Worker | None = None
        self._replace_at: float | None = None
        self._turns, self._ask_at = 0, 0.0

    def run(self) -> int:
        """Run until a signal or the end of the web server; return the exit status. ObstacleError."""
        self._socket = listening(self._settings) if "web" in self._parts else None
        for wanted in (signal.SIGINT, signal.SIGTERM):
            signal.signal(wanted, self._stop)
        # a terminal that is closed sends the same
        signal.signal(signal.SIGHUP, self._stop if sys.stdin is not None and sys.stdin.isatty() else self._renew)
        try:
            status = self._mind()
        finally:
            self._end()
        if status == 0:
            print("Lentigo has stopped.", flush=True)  # noqa: T201 - for the person at the terminal
        return status

    def _mind(self) -> int:
        if self._socket is not None:
            self._web = Web(self._socket)
        if "worker" in self._parts:
            self._worker = Worker()
        while not self._stopping.wait(TICK_SECONDS):
            if (failed := self._mind_web()) is not None:
                return _complain(f"The web server has stopped (exit status {failed}).")
            self._mind_worker()
            self._mind_leaving()
            if self._renewing.is_set():
                self._begin_anew()
        return 0

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._stopping.is_set():  # asked twice: don't wait any longer
            for child in self._children():
                child.kill()
        self._stopping.set()

    def _renew(self, _signal: int, _frame: FrameType | None) -> None:
        self._renewing.set()

    def _begin_anew(self) -> None:
        """Start a web server beside the one there is; once it answers, the worker's turn comes."""
        if self._new is not None or self._leaving:
            return  # once the last time is over
        self._renewing.clear()
        if self._socket is not None:
            self._new = Web(self._socket), time.monotonic() + START_SECONDS
        else:
            self._renew_worker()

    def _renew_worker(self) -> None:
        """Have the worker finish what it is at, and another one begin."""
        if self._worker is not None:
            self._leave(self._worker)
            self._worker = Worker()
        print("Lentigo has been renewed.", flush=True)  # noqa: T201 - for the person at the terminal

    def _mind_web(self) -> int | None:
        """Hand over to a new web server once it answers, and replace one that has died; else return how it ended."""
        if self._web is None or self._socket is None:
            return None
        if self._new is not None:
            self._mind_new(*self._new)
        if (status := self._web.status) is not None:
            if not self._web.answers:
                return status
            _complain(f"The web server has stopped (exit status {status}); starting another.")
            self._leave(self._web)
            self._web = Web(self._socket)
        if not self._ready and self._web.answers:
            self._announce()
        return None

    def _mind_new(self, new: Web, until: float) -> None:
        if new.answers and self._web is not None:
            self._leave(self._web)
            self._web, self._new = new, None
            self._renew_worker()
        elif new.status is not None or time.monotonic() > until:
            _complain("The new web server does not start: the one before it goes on. The log above says why.")
            self._leave(new)
            self._new = None

    def _mind_worker(self) -> None:
        if self._worker is None or self._worker.status is None:
            return
        if self._replace_at is None:
            _complain(f"The worker has stopped (exit status {self._worker.status}); starting another.")
            self._replace_at = time.monotonic() + RESTART_SECONDS
        elif time.monotonic() >= self._replace_at:
            self._replace_at = None
            self._worker = Worker()

    def _leave(self, child: Child) -> None:
        """Let a child finish what it is at."""
        child.ask_to_end()
        self._leaving.append((child, time.monotonic() + GRACE_SECONDS))

    def _mind_leaving(self) -> None:
        for child, until in list(self._leaving):
            if child.over or time.monotonic() > until:
                child.end(0)
                self._leaving.remove((child, until))

    def _children(self) -> list[Child]:
        there = (self._web, self._worker, self._new and self._new[0], *(child for child, _ in self._leaving))
        return [child for child in there if child is not None]

    def _end(self) -> None:
        children = self._children()
        for child in children:
            child.ask_to_end()
        until = time.monotonic() + GRACE_SECONDS
        for child in children:
            child.end(until)
        if self._socket is not None:
            self._socket.close()

    def _announce(self) -> None:
        if time.monotonic() < self._ask_at or _ask(self._settings, "/healthz") is None:
            return
        checks = json.loads(_ask(self._settings, "/readyz") or "{}").get("checks", {})
        missing = [check for check, result in checks.items() if result != "ok"]
        if missing == [LOADED] and self._turns < LOADING_TURNS:
            self._turns, self._ask_at = self._turns + 1, time.monotonic() + LOADING_SECONDS
            return
        self._ready = True
        for check in missing:
            _complain(f"Not ready: {check}. The log above says why.")
        print(f"Lentigo is ready at {address(self._settings)} (Ctrl-C stops it)", flush=True)  # noqa: T201 - as above


def address(settings: Settings) -> str:
    """Return the address that a browser on this machine opens."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def main(parts: Sequence[str] = ()) -> int:
    """Start, unless the settings or the port forbid it; return the exit status."""
    settings = settings_or_exit()
    if set(parts) - set(PARTS):
        return _complain("There is no such part: say web or worker, or nothing for both.")
    try:
        return Supervisor(settings, parts or PARTS).run()
    except ObstacleError as obstacle:
        return _complain(str(obstacle))


def _ask(settings: Settings, path: str) -> bytes | None:
    host = EVERYWHERE.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - for the person at the terminal
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
