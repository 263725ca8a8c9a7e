"""What a worker answers on a port of its own: how it does, and nothing else."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from app.operations.beside import answer_beside
from config import Settings

TOKEN = "a-token-of-those-who-watch"


@pytest.fixture
def port(app: Flask, settings: Settings) -> Iterator[int]:
    app.config["SETTINGS"] = settings.model_copy(update={"worker_port": 0, "metrics_token": TOKEN})
    server = answer_beside(app)
    assert server is not None
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_worker_tells_how_it_does_and_its_numbers_to_whoever_has_the_token(port: int) -> None:
    alive, told = asked(port, "/healthz"), asked(port, "/metrics", Authorization=f"Bearer {TOKEN}")

    assert alive[0] == 200
    assert told[0] == 200
    assert b"lentigo_jobs_total" in told[1]
    assert asked(port, "/metrics")[0] == 404


@pytest.mark.parametrize("path", ["/", "/login", "/static/css/lentigo.css", "/healthz/../login", "/metrics/"])
def test_a_worker_is_no_way_into_the_site(port: int, path: str) -> None:
    assert asked(port, path) == (404, b"")


def test_without_a_port_a_worker_listens_to_nobody(app: Flask) -> None:
    assert answer_beside(app) is None
