"""The site as it is run: production settings, web server and worker under their supervisor, and a clinic in it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.keys.sources import new_master_key

HOST = "127.0.0.1"
START_SECONDS = 60
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in, and the clinic, counted from 0."""

    email: str
    password: str
    clinic: int


@dataclass(frozen=True, slots=True)
class Site:
    """A running site: where it listens, the process that has started it, and who works there."""

    port: int
    process: psutil.Process
    people: tuple[Person, ...]


@contextmanager
def running_site(further: Mapping[str, str], *, clinics: int, people: int) -> Iterator[Site]:
    """Run a new site in a folder of its own, with `further` settings, and people in so many clinics.

    CalledProcessError, TimeoutError if it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="lentigo-load-") as instance:
        port = _free_port()
        settings = {**os.environ, **_settings(Path(instance), port), **further}
        subprocess.run([*FLASK, "db", "upgrade"], check=True, env=settings, capture_output=True)
        asked = json.dumps({"clinics": clinics, "people": people})
        command = [sys.executable, "-m", "load.clinic"]
        made = subprocess.run(command, check=True, env=settings, input=asked, stdout=subprocess.PIPE, text=True)
        staff = tuple(Person(**each) for each in json.loads(made.stdout.splitlines()[-1]))
        with subprocess.Popen([*FLASK, "serve"], env=settings, stdout=subprocess.DEVNULL) as server:
            try:
                _wait_for(f"http://{HOST}:{port}/readyz")
                yield Site(port, psutil.Process(server.pid), staff)
            finally:
                server.terminate()


def _settings(instance: Path, port: int) -> dict[str, str]:
    """Return what production must have set, and what keeps this site apart from others."""
    return {
        "LENTIGO_ENVIRONMENT": "production",
        "LENTIGO_INSTANCE": str(instance),
        "LENTIGO_SECRET_KEY": secrets.token_urlsafe(48),
        "LENTIGO_MASTER_KEY": new_master_key(),
        "LENTIGO_ALLOWED_HOSTS": HOST,
        "LENTIGO_HOST": HOST,
        "LENTIGO_PORT": str(port),
        "LENTIGO_LOG_LEVEL": "WARNING",
        "LENTIGO_WARM_UP": "true",
    }


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(address)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
