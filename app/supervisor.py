"""Run web server and worker together, say where the site is, and stop both at Ctrl-C: ``python -m app.supervisor``."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from types import FrameType

from config import ROOT, Settings, settings_or_exit

GRACE_SECONDS = 12  # what is under way may finish
RESTART_SECONDS = 2.0
TICK_SECONDS = 0.1
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on

WEB = (sys.executable, "-m", "gunicorn", "--config", "python:app.web_server", "wsgi:app")
WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "worker")


class Supervisor:
    """The two processes, and the wish to stop them. A dead worker is replaced; without web server all stops."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._ready = False
        self._replace_at: float | None = None

    def run(self) -> int:
        """Run until a signal or the end of the web server; return the exit status."""
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, self._stop)
        self._web, self._worker = _start(WEB), _start(WORKER)
        try:
            while not self._stopping.wait(TICK_SECONDS):
                if self._web.poll() is not None:
                    return _complain(f"The web server has stopped (exit status {self._web.returncode}).")
                self._mind_worker()
                self._announce()
        finally:
            _end(self._web, self._worker)
        print("Lentigo has stopped.", flush=True)  # noqa: T201 - for the person at the terminal
        return 0

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._stopping.is_set():  # asked twice: don't wait any longer
            _kill_group(self._web)
            _kill_group(self._worker)
        self._stopping.set()

    def _mind_worker(self) -> None:
        if self._worker.poll() is None:
            return
        if self._replace_at is None:
            _complain(f"The worker has stopped (exit status {self._worker.returncode}); starting another.")
            self._replace_at = time.monotonic() + RESTART_SECONDS
        elif time.monotonic() >= self._replace_at:
            self._replace_at = None
            self._worker = _start(WORKER)

    def _announce(self) -> None:
        if self._ready or _ask(self._settings, "/healthz") is None:
            return
        self._ready = True
        for check, result in json.loads(_ask(self._settings, "/readyz") or "{}").get("checks", {}).items():
            if result != "ok":
                _complain(f"Not ready: {check}. The log above says why.")
        print(f"Lentigo is ready at {address(self._settings)} (Ctrl-C stops it)", flush=True)  # noqa: T201 - as above


def address(settings: Settings) -> str:
    """Return the address that a browser on this machine opens."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def obstacle(settings: Settings) -> str | None:
    """Return why the web server could not listen, as a sentence; None if it could."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {settings.port} is in use; set LENTIGO_PORT to a free one."
        if error.errno == errno.EACCES:
            return f"Port {settings.port} is for administrators only; set LENTIGO_PORT to one above 1023."
        return f"Can't listen at {settings.host}; set LENTIGO_HOST to an address of this machine."
    return None


def main() -> int:
    """Start, unless the settings or the port forbid it; return the exit status."""
    settings = settings_or_exit()
    reason = obstacle(settings)
    return _complain(reason) if reason else Supervisor(settings).run()


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # a session of its own: Ctrl-C at the terminal reaches the supervisor alone, which then ends each child once
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own


def _end(*children: subprocess.Popen[bytes]) -> None:
    for child in children:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(child)
        child.wait()


def _signal(child: subprocess.Popen[bytes], wanted: signal.Signals) -> None:
    if child.poll() is None:
        child.send_signal(wanted)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group that is ending
        os.killpg(child.pid, signal.SIGKILL)  # children of a child that was killed


def _ask(settings: Settings, path: str) -> bytes | None:
    host = EVERYWHERE.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
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
    sys.exit(main())
