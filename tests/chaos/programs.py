"""Web server and worker as processes of their own, which can be killed as a crash, or the system, would kill them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from config import ROOT

START_SECONDS, STOP_SECONDS = 60, 20
SIMULATED, REAL = "tests.chaos.simulated:app", "wsgi:app"


@dataclass
class Program:
    """A program with the settings of a site in its environment; what it writes goes to `log`."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.runs:
            return
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def runs(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def family(self) -> list[psutil.Process]:
        """Return the process and all that it has started, directly or not."""
        if not self.runs or self.process is None:
            return []
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def kill(self, *, everything: bool = False) -> None:
        """Kill the process itself, and what it has started has to notice; or `everything`, as a power cut does."""
        family = self.family()
        for process in family if everything else family[:1]:
            _kill(process)
        if self.process is not None:
            self.process.wait()
        wait_for(lambda: not any(_lives(process) for process in family), "what a killed process has started ends", 60)

    def stop(self) -> None:
        """End it as an administrator does."""
        if self.process is None:
            return
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        for process in family:
            _kill(process)


@dataclass
class Web(Program):
    """The web server: a master, and the processes that answer."""

    port: int = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Tell whether it answers at all."""
        try:
            return httpx.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        return psutil.Process(self.process.pid).children() if self.process is not None and self.runs else []

    def start(self) -> None:
        """Start it, and wait until it answers."""
        super().start()
        wait_for(self.answers, f"the web server answers; {self.log} may say why not", START_SECONDS)


def web(environment: Mapping[str, str], folder: Path, application: str) -> Web:
    """Return a web server, not started yet."""
    port = free_port()
    command = (sys.executable, "-m", "gunicorn", "--config", "python:app.web_server", application)
    return Web(command, {**environment, "LENTIGO_PORT": str(port)}, folder / "web.log", port=port)


def worker(environment: Mapping[str, str], folder: Path, application: str) -> Program:
    """Return a worker, not started yet."""
    return Program((sys.executable, "-m", "flask", "--app", application, "worker"), environment, folder / "worker.log")


def settings_of(**settings: str) -> dict[str, str]:
    """Return the environment of a program: this one's, with no settings but these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LENTIGO_")}
    return inherited | {f"LENTIGO_{name.upper()}": value for name, value in settings.items()}


def wait_for(condition: Callable[[], bool], what: str, seconds: float = STOP_SECONDS, every: float = 0.02) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain until {what}"
        time.sleep(every)


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
