"""Nothing leaves this machine: not in a test, and not of a site that nobody has told to send anything."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.jobs.registry import JOBS
from config import ROOT, Settings
from tests.factories import make_user, post, sign_in
from tests.nothing_leaves import connections, taken
from tests.pictures import lesion_picture, png
from tests.quarantine.sitecustomize import OutsideError

NOBODY = "192.0.2.1"  # RFC 5737
# what opens connections; `ssl` and `socketserver` only dress them
CLIENTS = {
    "aiohttp", "aiosmtplib", "asyncio", "boto3", "botocore", "dns", "ftplib", "http.client", "httpx", "imaplib",
    "nntplib", "opentelemetry.exporter", "paramiko", "poplib", "pynetdicom", "requests", "smtplib", "socket",
    "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client",
}  # fmt: skip
ROW = re.compile(r"^\| `(app/[\w/]+\.py)` \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
PAGE = ROOT / "docs" / "security.md"


def udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"a", (NOBODY, 53))


def in_a_thread() -> None:
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            socket.create_connection((NOBODY, 80), timeout=1)
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    raise caught[0]


def in_a_process() -> None:
    program = f"import socket; socket.create_connection(('{NOBODY}', 80), timeout=1)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "OutsideError" in result.stderr
    raise OutsideError


@pytest.mark.parametrize(
    "leave",
    [
        lambda: socket.create_connection((NOBODY, 80), timeout=1),
        lambda: socket.create_connection(("2001:db8::1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: socket.gethostbyname("example.org"),
        lambda: urllib.request.urlopen("https://example.org", timeout=1),
        lambda: httpx.get("https://example.org", timeout=1, trust_env=False),
        udp,
        in_a_thread,
        in_a_process,
    ],
    ids=["address", "ipv6", "name", "old name", "urllib", "httpx", "datagram", "thread", "process"],
)
def test_no_test_reaches_another_machine(leave: Callable[[], object]) -> None:
    with pytest.raises((OSError, httpx.ConnectError)):
        leave()

    attempts = taken()
    assert attempts
    assert all(re.search(r"(192\.0\.2\.1|2001:db8::1|example\.org)$", attempt) for attempt in attempts)


def test_a_test_reaches_what_it_has_started_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()

    assert taken() == []


def test_neither_a_photograph_nor_a_job_makes_a_site_connect_that_nobody_has_told_to(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    sign_in(client, make_user(session))
    photograph = (BytesIO(png(lesion_picture(seed=1))), "a.png")

    with connections() as asked, app.app_context():
        made = post(client, "/prediction", {"patient_name": "Ingrid", "image": photograph})
        post(client, f"{made.location}/reports/new")
        for job in JOBS.values():
            if job.minutes is not None and job.name.startswith("app."):
                job()

    assert made.status_code == 303
    assert asked == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def opens_connections(path: Path) -> bool:
    return any(name == client or name.startswith(f"{client}.") for name in imported(path) for client in CLIENTS)


def test_every_module_that_can_open_a_connection_is_listed_with_the_setting_that_makes_it() -> None:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "models").rglob("*.py"), ROOT / "config.py"]
    found = {path.relative_to(ROOT).as_posix() for path in sources if opens_connections(path)}

    assert found == {module for module, _ in ROW.findall(PAGE.read_text())}


def test_no_setting_that_makes_the_site_connect_is_set_by_itself() -> None:
    named = {
        name.lower() for _, settings in ROW.findall(PAGE.read_text()) for name in re.findall(r"LENTIGO_(\w+)", settings)
    }

    assert named
    for name in named:
        assert Settings.model_fields[name].default is None, name
