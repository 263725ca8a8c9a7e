"""Jobs: sent after the commit, run in a context of their own, lost without harm."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app import extensions, jobs
from app.jobs import current_queue, idle_job, job, periodic
from app.jobs.registry import JOBS
from app.waiting import Waiting
from config import Settings

seen: list[tuple[object, ...]] = []


@job
def remember(*args: object) -> None:
    """Note that it ran, and where."""
    seen.append((current_app.name, *args))


@job
def fail(public_id: str) -> None:
    """Fail, as jobs do."""
    raise RuntimeError(public_id)


@idle_job
def later(public_id: str) -> None:
    """Note that it ran."""
    seen.append(("later", public_id))


@periodic(minutes=30)
def sweep() -> None:
    """Note that it ran."""
    seen.append(("sweep",))


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def make_app(instance: Path, environment: str, queue_url: str | None = None) -> Flask:
    settings = Settings(environment=environment, instance=instance, secret_key="k" * 32, queue_url=queue_url)
    app = Flask("worker")
    app.config.from_mapping(settings.to_flask())
    extensions.init_app(app)
    jobs.init_app(app)
    return app


@pytest.fixture
def at_once(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, "testing")
    with app.app_context():
        yield app


@pytest.fixture
def queued(tmp_path: Path, queue_url: str | None) -> Iterator[Flask]:
    app = make_app(tmp_path, "local", queue_url)
    with app.app_context():
        yield app
        storage = current_queue()._open().storage
    storage.flush_all()
    storage.close()


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, "local")
    with app.app_context():
        yield app


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        session.execute(text("create table analyses (id integer)"))
        session.commit()
        yield session
    engine.dispose()


def run_one(app: Flask) -> bool:
    """Do what the worker does once; tell whether there was something to do."""
    huey = app.extensions["queue"].worker().huey
    task = huey.dequeue()
    if task is not None:
        huey.execute(task)
    return task is not None


def test_a_job_leaves_after_the_commit(at_once: Flask, session: Session) -> None:
    session.execute(text("select 1"))
    remember.send_after_commit(session, "A1")
    before = list(seen)

    session.commit()

    assert before == []
    assert seen == [("worker", "A1")]


def test_a_second_commit_does_not_send_it_again(at_once: Flask, session: Session) -> None:
    remember.send_after_commit(session, "A1")
    session.execute(text("select 1"))
    session.commit()

    session.execute(text("select 1"))
    session.commit()

    assert seen == [("worker", "A1")]


def test_a_rollback_drops_it(at_once: Flask, session: Session) -> None:
    session.execute(text("select 1"))
    remember.send_after_commit(session, "A1")

    session.rollback()
    session.execute(text("select 1"))
    session.commit()

    assert seen == []


def test_closing_without_a_commit_drops_it(at_once: Flask, session: Session) -> None:
    session.execute(text("select 1"))
    remember.send_after_commit(session, "A1")

    session.close()
    session.execute(text("select 1"))
    session.commit()

    assert seen == []


def test_a_savepoint_does_not_send_it(at_once: Flask, session: Session) -> None:
    with session.begin_nested():
        remember.send_after_commit(session, "A1")
    after_the_savepoint = list(seen)

    session.commit()

    assert after_the_savepoint == []
    assert seen == [("worker", "A1")]


def test_a_savepoint_that_rolls_back_drops_it(at_once: Flask, session: Session) -> None:
    savepoint = session.begin_nested()
    remember.send_after_commit(session, "A1")

    savepoint.rollback()
    session.commit()

    assert seen == []


def test_it_takes_the_scoped_session_of_a_request(at_once: Flask) -> None:
    remember.send_after_commit(extensions.db.session, "A1")
    extensions.db.session.execute(text("select 1"))

    extensions.db.session.commit()

    assert seen == [("worker", "A1")]


def test_a_job_waits_in_the_queue_until_a_worker_takes_it(queued: Flask) -> None:
    remember.send("A1", 2)
    waiting = current_queue().waiting()

    worked = run_one(queued)

    assert (waiting, worked, current_queue().waiting()) == (1, True, 0)
    assert seen == [("worker", "A1", 2)]


def test_a_job_for_idle_hours_lets_every_other_go_first(queued: Flask) -> None:
    later.send("A1")
    remember.send("A2")

    huey = current_queue().worker().huey
    for _ in range(2):
        huey.execute(huey.dequeue())

    assert seen == [("worker", "A2"), ("later", "A1")]


def test_a_failing_job_is_logged_with_its_ids_and_stops_nothing(at_once: Flask) -> None:
    with capture_logs() as logs:
        fail.send("A1")

    assert [(line["event"], line["args"]) for line in logs] == [("job_failed", ["A1"])]


def test_the_queue_is_private_to_its_owner(in_a_file: Flask, tmp_path: Path) -> None:
    remember.send("A1")

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("queue.sqlite3*")}

    assert set(modes.values()) == {0o600}


def test_the_queue_holds_no_pickle(queued: Flask) -> None:
    remember.send("A1")

    [data] = current_queue()._open().storage.enqueued_items()

    assert data.startswith(b"[")


def test_a_locked_queue_does_not_undo_a_finished_request(in_a_file: Flask, tmp_path: Path) -> None:
    remember.send("A1")
    holder = sqlite3.connect(tmp_path / "queue.sqlite3", isolation_level=None)
    holder.execute("begin exclusive")

    with capture_logs() as logs:
        remember.send("A2")
        ready = current_queue().ready()
    holder.execute("rollback")
    holder.close()

    assert [line["event"] for line in logs] == ["job_not_sent", "queue_not_ready"]
    assert not ready
    assert current_queue().waiting() == 1


def test_a_damaged_queue_does_not_undo_a_finished_request(in_a_file: Flask, tmp_path: Path) -> None:
    (tmp_path / "queue.sqlite3").write_bytes(b"no database at all, but long enough to look like one" * 40)

    with capture_logs() as logs:
        remember.send("A1")

    assert [line["event"] for line in logs] == ["job_not_sent"]
    assert not current_queue().ready()


@pytest.mark.parametrize("environment", ["local", "testing"])
def test_a_sound_queue_is_ready(tmp_path: Path, environment: str) -> None:
    app = make_app(tmp_path, environment)

    assert app.extensions["queue"].ready()


def test_two_jobs_can_not_share_a_name() -> None:
    def remember() -> None: ...

    remember.__qualname__ = "remember"
    with pytest.raises(ValueError, match="already"):
        job(remember)

    assert JOBS[f"{__name__}.remember"] is not None


def test_an_idle_job_waits_while_photographs_do(queued: Flask) -> None:
    waiting = Waiting(queued.config["SETTINGS"].instance)
    later.send("A1")

    waiting.tell(True)
    taken = run_one(queued)
    while_they_wait = list(seen)
    waiting.tell(False)

    assert taken
    assert while_they_wait == []
    assert run_one(queued)
    assert seen == [("later", "A1")]


def test_other_jobs_wait_for_no_photograph(queued: Flask) -> None:
    waiting = Waiting(queued.config["SETTINGS"].instance)
    waiting.tell(True)
    remember.send("A1")

    run_one(queued)
    waiting.tell(False)

    assert seen == [("worker", "A1")]


def test_an_idle_job_that_can_t_be_put_off_is_done(in_a_file: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Waiting(in_a_file.config["SETTINGS"].instance)
    waiting.tell(True)
    later.send("A1")
    huey = current_queue().worker().huey
    task = huey.dequeue()
    monkeypatch.setattr(huey, "enqueue", refuse)

    huey.execute(task)
    waiting.tell(False)

    assert seen == [("later", "A1")]


def refuse(*_: object) -> None:
    """Take nothing, as a locked file does."""
    raise sqlite3.OperationalError("database is locked")
