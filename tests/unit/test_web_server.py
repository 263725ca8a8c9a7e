"""What gunicorn is told besides settings."""

from __future__ import annotations

import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from app.live.streams import Streams
from app.security.headers import REFUSAL


def test_pages_wait_for_their_turn_and_what_is_live_does_not() -> None:
    from app.web_server import in_turns

    begun, answered = threading.Event(), []

    def site(environ: dict[str, Any], _start: object) -> list[bytes]:
        if environ["PATH_INFO"] == "/first":
            ask("/live/batch:a")
            second.start()
            begun.wait()
            second.join(0.1)
        answered.append(environ["PATH_INFO"])
        return []

    limited = in_turns(site, 1)  # type: ignore[arg-type]

    def ask(path: str) -> None:
        begun.set()
        limited({"PATH_INFO": path}, print)  # type: ignore[arg-type]

    second = threading.Thread(target=ask, args=["/second"])
    ask("/first")
    second.join()

    assert answered == ["/live/batch:a", "/first", "/second"]


def test_streams_learn_that_their_process_is_to_end() -> None:
    from app.web_server import post_worker_init

    streams = Streams(1)
    site = SimpleNamespace(extensions={"live": streams})
    worker = SimpleNamespace(wsgi=site, alive=True)

    post_worker_init(worker)
    while_alive = streams.stopping()
    worker.alive = False

    assert not while_alive
    assert streams.stopping()


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
