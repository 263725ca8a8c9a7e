"""Web server and worker together: started, watched, and stopped without a trace."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from app import supervisor
from app.listening import ObstacleError, listening
from config import ROOT, Settings
from tests.factories import csrf_token
from tests.pictures import jpeg, lesion_picture

PATIENCE = 60.0
MAIL, PASSWORD = "ada@clinic.example", "a long way to the lighthouse"


@pytest.fixture
def port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        number: int = server.getsockname()[1]
    return number


@pytest.fixture
def environment(tmp_path: Path, port: int) -> dict[str, str]:
    """Settings of a site of its own, as a shell would give them."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LENTIGO_")}
    return {**outside, "LENTIGO_INSTANCE": str(tmp_path / "instance"), "LENTIGO_PORT": str(port)}


class Site:
    """A supervisor that runs, what it said so far, and the processes below it."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def named(self, name: str) -> list[psutil.Process]:
        """Find the processes below with `name` in their command."""
        return [process for process in self.family() if name in " ".join(command_of(process))]


@contextmanager
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    """Migrate, start, wait for the address, and leave nothing behind whatever happens."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(flask, env=environment, cwd=ROOT, check=True, capture_output=True)
    log = tmp_path / "log"
    with log.open("w") as output, subprocess.Popen(
        [sys.executable, "-m", "app.supervisor"],
        env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        site = Site(process, log)
        try:
            eventually(lambda: "ready at" in site.said)
            yield site
        finally:
            for left in [*site.family(), process] if process.poll() is None else []:
                left.kill()


def eventually(condition: Callable[[], object]) -> None:
    """Wait until something is so; AssertionError if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that have not ended; one that only waits to be counted by its parent has."""
    _, left = psutil.wait_procs([process for process in family if is_alive(process)], timeout=1)
    return [process for process in left if is_alive(process)]


def command_of(process: psutil.Process) -> list[str]:
    """Return its command; nothing of one that has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie is one of these
        return []


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_everything_cleanly(
    environment: dict[str, str], tmp_path: Path, port: int, wanted: signal.Signals
) -> None:
    with running(environment, tmp_path) as site:
        family = site.family()

        site.process.send_signal(wanted)
        status = site.process.wait(PATIENCE)

    assert status == 0
    assert f"Lentigo is ready at http://127.0.0.1:{port} (Ctrl-C stops it)" in site.said
    assert site.said.endswith("Lentigo has stopped.\n")
    assert "Traceback" not in site.said
    assert len(family) >= 4  # web server with two processes, worker
    assert alive(family) == []
    socket.create_server(("127.0.0.1", port)).close()


def test_what_dies_is_replaced(environment: dict[str, str], tmp_path: Path, port: int) -> None:
    with running(environment, tmp_path) as site:
        [worker] = site.named("worker")
        master = site.named("gunicorn")[0]
        web = master.children()[0]

        web.kill()
        worker.kill()
        eventually(lambda: "starting another" in site.said and len(site.named("worker")) == 1)
        eventually(lambda: len(master.children()) == 2)

        assert answers(port)
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(PATIENCE) == 0


def test_a_web_server_that_dies_is_replaced_on_the_same_socket(
    environment: dict[str, str], tmp_path: Path, port: int
) -> None:
    with running(environment, tmp_path) as site:
        before = site.named("gunicorn")

        before[0].kill()
        statuses = [answers(port) for _ in range(5)]
        eventually(lambda: "starting another" in site.said and alive(before) == [])

        assert all(statuses)  # whoever connects waits for whoever answers next
        assert answers(port)


def test_a_web_server_that_dies_leaves_its_processes_to_finish_what_they_are_at(
    environment: dict[str, str], tmp_path: Path, port: int
) -> None:
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\nConnection: close\r\n\r\nemail"
    with running(environment, tmp_path) as site, socket.create_connection(("127.0.0.1", port), PATIENCE) as half:
        before = site.named("gunicorn")
        half.sendall(head)
        time.sleep(0.5)  # until it has been accepted

        before[0].kill()
        eventually(lambda: "starting another" in site.said)
        time.sleep(0.5)  # in which those who are left would have been ended
        half.sendall(b"=nobo")

        assert half.recv(12) == b"HTTP/1.1 400"  # no proof that the form is ours: an answer all the same
        eventually(lambda: alive(before) == [])


def test_a_new_web_server_that_does_not_start_leaves_the_old_one_at_work(
    environment: dict[str, str], tmp_path: Path, port: int
) -> None:
    settings = tmp_path / "settings"
    settings.mkdir()
    with running(environment | {"LENTIGO_SECRETS_DIR": str(settings)}, tmp_path) as site:
        (settings / "lentigo_web_threads").write_text("none")
        site.process.send_signal(signal.SIGHUP)
        eventually(lambda: "the one before it goes on" in site.said)

        assert answers(port)
        assert site.process.poll() is None


def test_nothing_is_lost_or_refused_while_the_site_is_renewed_twice(
    environment: dict[str, str], tmp_path: Path, port: int
) -> None:
    with running(environment, tmp_path) as site:
        user = ["users", "create", MAIL, "--name", "Ada", "--password-stdin"]
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *user],
            env=environment,
            cwd=ROOT,
            check=True,
            input=PASSWORD,
            text=True,
            capture_output=True,
        )
        before, over, found = site.named("gunicorn"), threading.Event(), _Found()
        people = [threading.Thread(target=found.noting, args=(work, port, over)) for work in (upload, browse, connect)]
        for person in people:
            person.start()
        eventually(lambda: found.uploaded >= 2 or found.trouble)

        for times in (1, 2):
            site.process.send_signal(signal.SIGHUP)
            eventually(lambda times=times: site.said.count("has been renewed") == times)
        eventually(lambda: alive(before) == [])
        enough = found.uploaded + 2
        eventually(lambda: found.uploaded >= enough or found.trouble)
        over.set()
        for person in people:
            person.join()

    with closing(sqlite3.connect(tmp_path / "instance" / "lentigo.sqlite3")) as database:
        kept = database.execute("SELECT count(*) FROM analyses").fetchone()[0]
    assert found.trouble == []
    assert found.asked > found.uploaded
    assert kept == found.uploaded


class _Found:
    """What people met: how many uploads were answered, what else was asked for, and what went wrong."""

    def __init__(self) -> None:
        self.uploaded, self.asked, self.trouble = 0, 0, list[str]()

    def noting(self, work: Callable[[int, threading.Event, _Found], None], port: int, over: threading.Event) -> None:
        try:
            work(port, over, self)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says so
            self.trouble.append(f"{work.__name__}: {error!r}")


def signed_in(port: int) -> httpx.Client:
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
    form = {"csrf_token": csrf_token(client.get("/login").text), "email": MAIL, "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303
    return client


def upload(port: int, over: threading.Event, found: _Found) -> None:
    """Upload one new photograph after the other, with each form filled in anew."""
    with closing(signed_in(port)) as client:
        while not over.is_set():
            fields = {
                "csrf_token": csrf_token(client.get("/prediction").text),
                "patient_name": f"Patient {found.uploaded}",
            }
            picture = jpeg(lesion_picture(found.uploaded, (200, 200)))
            answer = client.post("/prediction", data=fields, files={"image": ("lesion.jpg", picture)})
            assert answer.status_code == 303, answer.status_code
            assert client.get(answer.headers["Location"]).status_code == 200
            found.uploaded += 1


def browse(port: int, over: threading.Event, found: _Found) -> None:
    """Look at pages over a connection that is kept."""
    with closing(signed_in(port)) as client:
        while not over.is_set():
            assert client.get("/previous_tests").status_code == 200
            found.asked += 1


def connect(port: int, over: threading.Event, found: _Found) -> None:
    """Connect anew for each question."""
    while not over.is_set():
        assert answers(port)
        found.asked += 1
        time.sleep(0.01)


def test_what_the_instance_holds_is_private(environment: dict[str, str], tmp_path: Path) -> None:
    with running(environment, tmp_path):
        instance = tmp_path / "instance"
        modes = {path.name: path.stat().st_mode & 0o777 for path in instance.iterdir() if path.is_file()}

    assert instance.stat().st_mode & 0o777 == 0o700
    assert {"lentigo.sqlite3", "queue.sqlite3", "secret_key"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_port_in_use_is_said_in_a_sentence(
    environment: dict[str, str], port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENTIGO_PORT", str(port))

    with closing(socket.create_server(("127.0.0.1", port))):
        status = supervisor.main()

    assert status == 1
    assert capsys.readouterr().err == f"Port {port} is in use; set LENTIGO_PORT to a free one.\n"


def test_an_address_of_another_machine_is_said_in_a_sentence(port: int) -> None:
    with pytest.raises(
        ObstacleError, match=r"Can't listen at 192.0.2.1; set LENTIGO_HOST to an address of this machine."
    ):
        listening(Settings(host="192.0.2.1", port=port))


def test_a_socket_that_systemd_has_opened_is_taken(port: int) -> None:
    program = f"""
import os, socket
from app import listening
from config import Settings
server = socket.create_server(("127.0.0.1", 0))
os.dup2(server.fileno(), 3)
os.environ |= {{"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}}
address, taken = server.getsockname(), listening.listening(Settings(port={port}))
assert taken.getsockname() == address
os._exit(0)  # both hold one descriptor, which each would close
"""

    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - only shown
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_address_is_one_that_a_browser_opens(host: str, expected: str) -> None:
    assert supervisor.address(Settings(host=host, port=8000)) == expected


def test_unsafe_settings_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENTIGO_ENVIRONMENT", "production")

    with pytest.raises(SystemExit) as stop:
        supervisor.main()

    assert str(stop.value) == (
        "No safe secret key in production: set LENTIGO_SECRET_KEY to at least 32 random characters."
    )
