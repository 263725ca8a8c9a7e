"""The queue on each engine: shared by many, away for a while, frozen, full."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from pydantic import ValidationError
from structlog.testing import capture_logs

from app import setting_kinds
from app.jobs import Queue
from app.jobs.engines import engine_of, postgresql
from app.jobs.registry import job
from config import Settings
from tests.postgresql import Server
from tests.redis_server import RedisServer
from tests.redis_server import running as redis_server_running

PATIENCE = 4.0  # seconds: a request waits no longer, on a machine that does other things too


@job
def be_noted(number: int) -> None:
    """Be sent, and taken from the queue."""


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that may be taken away: no other test has it."""
    with redis_server_running() as server:
        yield server


def make_queue(instance: Path, queue_url: str | None) -> Queue:
    settings = Settings(environment="local", instance=instance, secret_key="k" * 32, queue_url=queue_url)
    return Queue(Flask("web"), engine_of(settings))


@pytest.fixture
def queue(tmp_path: Path, queue_url: str | None) -> Iterator[Queue]:
    queue = make_queue(tmp_path, queue_url)
    yield queue
    queue._open().storage.flush_all()
    queue._open().storage.close()


def test_no_job_is_taken_by_two(queue: Queue, tmp_path: Path, queue_url: str | None) -> None:
    sent = 30
    for number in range(sent):
        queue.send(be_noted.name, (number,), {})
    takers = [make_queue(tmp_path, queue_url)._open() for _ in range(3)]
    for taker in takers:
        taker.storage.blocking = False
        taker.task(name="run")(lambda *_args: None)

    def take(place: int) -> list[int]:
        return [task.args[1][0] for task in iter(takers[place].dequeue, None)]

    with ThreadPoolExecutor(3) as threads:
        taken = list(threads.map(take, range(3)))

    for taker in takers:
        taker.storage.close()
    assert sorted(number for some in taken for number in some) == list(range(sent))


def test_a_queue_that_is_away_costs_a_request_nothing_but_the_message(own_redis: RedisServer, tmp_path: Path) -> None:
    queue = make_queue(tmp_path, own_redis.address())
    queue.send(be_noted.name, (1,), {})
    own_redis.stop()

    with capture_logs() as logs:
        queue.send(be_noted.name, (2,), {})
        ready = queue.ready()

    assert [line["event"] for line in logs] == ["job_not_sent", "queue_not_ready"]
    assert not ready


def test_it_goes_on_without_a_restart_once_the_queue_is_back(own_redis: RedisServer, tmp_path: Path) -> None:
    queue = make_queue(tmp_path, own_redis.address())
    queue.send(be_noted.name, (1,), {})
    own_redis.stop()
    queue.send(be_noted.name, (2,), {})
    own_redis.start()

    ready = queue.ready()
    queue.send(be_noted.name, (3,), {})

    assert ready
    assert queue.waiting() == 2


def test_a_server_that_answers_nothing_is_not_waited_for_again_and_again(
    own_redis: RedisServer, tmp_path: Path
) -> None:
    queue = make_queue(tmp_path, own_redis.address())
    queue.send(be_noted.name, (1,), {})
    own_redis.freeze()
    begun = time.monotonic()

    for number in range(5):
        queue.send(be_noted.name, (number,), {})

    own_redis.thaw()
    assert time.monotonic() - begun < PATIENCE


def test_a_full_server_answers_and_is_not_ready(own_redis: RedisServer, tmp_path: Path) -> None:
    queue = make_queue(tmp_path, own_redis.address())
    queue._open().storage.conn.config_set("maxmemory", 1)

    assert not queue.ready()


def test_connections_that_postgresql_has_closed_are_made_anew(postgresql_server: Server, tmp_path: Path) -> None:
    queue = make_queue(tmp_path, postgresql_server.address("postgres"))
    queue.send(be_noted.name, (1,), {})
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lentigo queue'"
    queue._open().storage.sql("SELECT 1")
    with psycopg.connect(host=str(postgresql_server.folder), user="lentigo", dbname="postgres") as connection:
        connection.execute(end)
    with capture_logs() as logs:
        queue.send(be_noted.name, (2,), {})
    queue._paused_until = 0.0

    queue.send(be_noted.name, (3,), {})

    storage = queue._open().storage
    waiting = queue.waiting()
    storage.flush_all()
    storage.close()
    assert [line["event"] for line in logs] == ["job_not_sent"]
    assert waiting == 2


def test_an_answer_of_postgresql_is_not_waited_for_without_end(
    postgresql_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = make_queue(tmp_path, postgresql_server.address("postgres"))
    storage = queue._open().storage
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.2)

    with pytest.raises(psycopg.OperationalError):
        storage.sql("SELECT pg_sleep(5)")

    assert storage.conn.execute("SELECT 1").fetchone() == (1,)
    storage.close()


def test_a_queue_that_can_only_be_read_is_not_ready(postgresql_server: Server, tmp_path: Path) -> None:
    queue = make_queue(tmp_path, postgresql_server.address("postgres"))
    queue._open().storage.sql("SET default_transaction_read_only = on")

    assert not queue.ready()
    queue._open().storage.close()


@pytest.mark.parametrize(
    "address", ["redis", "http://queue.example", "postgresql://queue.example/jobs", "sqlite:///queue"]
)
def test_what_no_queue_can_lie_on_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match=r"it must be redis://"):
        Settings(queue_url=address)


def test_a_start_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_kinds, "find_spec", lambda _name: None)

    with pytest.raises(ValidationError, match="pip install"):
        Settings(queue_url="redis://queue.example/0")


def test_the_password_of_the_queue_is_not_shown() -> None:
    assert "hush" not in repr(Settings(queue_url="redis://:hush@queue.example/0"))
