"""Streams on the real web server, with its several processes: they reach their end, leave room, and hinder no stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import DONE, RUNNING, Batch, BatchItem
from app.clock import now
from config import ROOT, Settings
from tests.factories import PASSWORD, belonging_to, csrf_token, make_user

EVENTS = {"Accept": "text/event-stream"}
PATIENCE = 60.0
STREAMS = 2  # of each process


@dataclass(frozen=True)
class Site:
    """Somebody signed in at a web server of two processes, with one thread each for pages and two for streams."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    log: Path

    def seconds(self, address: str = "/healthz") -> float:
        """Return how long an answer takes."""
        began = time.monotonic()
        self.client.get(address).raise_for_status()
        return time.monotonic() - began

    def open_stream(self, address: str) -> httpx.Response:
        """Ask for events, and read none of them yet."""
        return self.client.send(self.client.build_request("GET", address, headers=EVENTS), stream=True)

    def stop(self) -> float:
        """End the server as an administrator does; return how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        return time.monotonic() - began


@pytest.fixture
def site(session: Session, settings: Settings, tmp_path: Path) -> Iterator[Site]:
    owner = make_user(session)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    place = {
        "LENTIGO_INSTANCE": str(settings.instance),
        "LENTIGO_MASTER_KEY": str(settings.master_key),
        "LENTIGO_PORT": str(port),
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LENTIGO_")}
    command = [sys.executable, "-m", "gunicorn", "--config", "python:app.web_server", "wsgi:app"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **outside,
                **place,
                "LENTIGO_LIVE_STREAMS": str(STREAMS),
                "LENTIGO_WEB_THREADS": "1",
                "LENTIGO_LOG_LEVEL": "WARNING",
            },
            stderr=log,
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        try:
            sign_in(client, owner.email)
            yield Site(process, client, tmp_path / "log")
        finally:
            process.terminate()


def sign_in(client: httpx.Client, email: str) -> None:
    """Sign in as soon as the server answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            page = client.get("/login").text
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    fields = {"email": email, "password": PASSWORD, "csrf_token": csrf_token(page)}
    assert client.post("/login", data=fields).status_code == 303


@pytest.fixture
def batch(session: Session, site: Site) -> Batch:
    owner = session.scalars(select(User)).one()
    batch = Batch(**belonging_to(owner), model_name="mobilenetv2-ham7", naming="one", started_at=now())
    session.add(batch)
    session.flush()
    for n in range(3):
        session.add(BatchItem(batch_id=batch.id, key=str(n), name=str(n), state=RUNNING))
    session.commit()
    return batch


def read(stream: httpx.Response) -> list[dict[str, Any]]:
    """Read a stream to its end."""
    return [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data: ")]


def test_every_stream_reaches_the_end_of_the_work_while_the_site_answers(
    site: Site, session: Session, batch: Batch
) -> None:
    name = f"batch:{batch.public_id}"
    wanted = [site.open_stream(f"/live/{name}") for _ in range(4 * STREAMS)]
    streams = [stream for stream in wanted if stream.status_code == 200]

    while_streams_are_open = [site.seconds() for _ in range(20)]
    session.execute(update(BatchItem).values(state=DONE, finished_at=now()))
    session.commit()
    told = [read(stream) for stream in streams]

    assert STREAMS <= len(streams) <= 2 * STREAMS
    assert {stream.status_code for stream in wanted} == {200, 204}
    assert max(while_streams_are_open) < 1
    for events in told:
        assert "0 of 3 files" in events[0]["parts"][name]
        assert "3 of 3 files" in events[-1]["parts"][name]
        assert events[-1]["over"]


def test_a_stop_waits_for_no_stream(site: Site, batch: Batch) -> None:
    streams = [site.open_stream(f"/live/batch:{batch.public_id}") for _ in range(2 * STREAMS)]

    seconds = site.stop()

    assert any(stream.status_code == 200 for stream in streams)
    assert seconds < 7  # gunicorn gives up after 8; kept connections alone have 2
    assert "Traceback" not in site.log.read_text()


def test_whoever_leaves_makes_room_at_once(site: Site, batch: Batch) -> None:
    address = f"/live/batch:{batch.public_id}"
    for _ in range(4 * STREAMS):
        site.open_stream(address).close()

    assert site.open_stream(address).status_code == 200
