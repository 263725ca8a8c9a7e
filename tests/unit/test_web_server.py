"""What gunicorn is told besides settings."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from gunicorn.arbiter import Arbiter

from app.admission.connections import PatientWorker
from app.children import READY
from app.live.streams import Streams
from app.security.headers import REFUSAL


def test_a_process_says_when_it_answers_and_streams_learn_when_it_is_to_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import web_server

    shared = list[str]()
    monkeypatch.setattr(web_server, "share", lambda _folder, role: shared.append(role))
    settled = list[str]()
    monkeypatch.setattr(web_server, "settle", lambda: settled.append("all that is loaded once"))
    monkeypatch.setitem(app.extensions, "storage", SimpleNamespace(ready=lambda: settled.append("storage")))
    streams = Streams(1)
    waiting: list[Callable[[], None]] = []
    app.extensions["live"] = streams
    app.extensions["warming"] = SimpleNamespace(start=waiting.append)
    said, saying = os.pipe()
    worker = SimpleNamespace(wsgi=app, alive=True, cfg=SimpleNamespace(env={READY: str(saying)}))

    web_server.post_worker_init(worker)
    too_early = select.select([said], [], [], 0)[0]
    waiting[0]()  # the classifier is loaded
    told = os.read(said, 1)
    while_alive = streams.stopping()
    worker.alive = False

    assert not while_alive
    assert streams.stopping()
    assert shared == ["web"]  # what it counts, all can tell
    assert (too_early, told) == ([], b"r")
    assert settled == ["storage", "all that is loaded once"]
    os.close(said)
    os.close(saying)


def test_a_process_says_that_it_answers_though_its_storage_is_set_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    from app import web_server

    monkeypatch.setattr(web_server, "settle", lambda: None)
    said, saying = os.pipe()
    storage: Any = SimpleNamespace(ready=lambda: int("no endpoint"))

    with pytest.raises(ValueError, match="no endpoint"):
        web_server._settled(storage, str(saying))

    assert os.read(said, 1) == b"r"
    os.close(said)
    os.close(saying)


def test_a_site_that_cannot_start_ends_the_server_instead_of_being_tried_for_ever() -> None:
    def without_key() -> None:
        raise SystemExit("There is no master key.")

    said = list[str]()
    worker = PatientWorker.__new__(PatientWorker)
    worker.app = SimpleNamespace(wsgi=without_key)
    worker.log = SimpleNamespace(critical=lambda form, end: said.append(form % end))

    with pytest.raises(SystemExit) as ended:
        worker.load_wsgi()

    assert ended.value.code == Arbiter.WORKER_BOOT_ERROR
    assert said == ["There is no master key."]


@pytest.mark.parametrize(("status", "phrase"), [(400, "Bad Request"), (414, "Request-URI Too Long"), (431, "")])
def test_it_is_as_protected_as_every_answer_and_repeats_nothing(status: int, phrase: str) -> None:
    from gunicorn import util

    import app.web_server  # noqa: F401 - which replaces what gunicorn writes

    here, there = socket.socketpair()

    util.write_error(here, status, "Reason", "Invalid Header '<script>'")
    here.close()
    head, _, text = there.makefile("rb").read().decode().partition("\r\n\r\n")

    there.close()
    lines = head.split("\r\n")
    assert lines[0].startswith(f"HTTP/1.1 {status} {phrase}")
    assert {f"{name}: {value}" for name, value in REFUSAL.items()} <= set(lines)
    assert f"Content-Length: {len(text)}" in lines
    assert "script" not in text


def test_the_servers_own_lines_quote_neither_a_request_nor_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    from gunicorn.config import Config

    from app.web_server import ServerLog

    name = "Ingrid"
    log = ServerLog(Config())
    log.warning("Invalid request from ip={ip}: {error}".format(ip="::1", error=f"Invalid HTTP Version: '{name} HTTP'"))
    try:
        int(name)
    except ValueError:
        log.exception("Error handling request %s %s", "GET", f"/patients?name={name}")
    log.warning("Worker exiting (pid: %s)", 7)

    told = capsys.readouterr().err
    assert name not in told
    assert "[WARNING] Invalid request\n" in told
    assert "[ERROR] Error handling request\n" in told
    assert "Worker exiting (pid: 7)" in told
    assert "ValueError\n" in told
