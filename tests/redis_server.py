"""A Redis server of the tests' own: on its own port, in a temporary folder, stopped and started by them."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as AwayError

SECONDS = 10
# what was sent is there again after a stop, and after a kill it is not
OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "no", "--databases", "512")


@dataclass
class RedisServer:
    """A server that can be taken away for a while."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def address(self, database: int = 0) -> str:
        """Return the address of a database, of which there are 512."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, with what it held when it was stopped, and wait until it answers."""
        command = [_program(), "--port", str(self.port), "--dir", str(self.folder), *OPTIONS]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + SECONDS
        with Redis(port=self.port) as asking:
            while not _answers(asking):
                assert self._process.poll() is None, "the Redis server ended"
                assert time.monotonic() < deadline, "the Redis server does not answer"
                time.sleep(0.02)

    def stop(self, *, kill: bool = False) -> None:
        """End the server in order, or as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)  # a sleeping one hears nothing
            self._process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            self._process.wait(SECONDS)
            self._process = None

    def freeze(self) -> None:
        """Let the server answer nothing, with its connections open, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running() -> Iterator[RedisServer]:
    """Run a server; where Redis is not installed the test is skipped, which fails where CI is set."""
    if not _program():
        pytest.skip("there is no Redis here: install Debian's package `redis-server`")
    server = RedisServer(Path(tempfile.mkdtemp(prefix="lentigo-redis-")), _free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder)


def _program() -> str:
    return shutil.which("redis-server") or ""


def _answers(asking: Redis) -> bool:
    try:
        return bool(asking.ping())
    except AwayError:  # it begins, or reads what it held
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
