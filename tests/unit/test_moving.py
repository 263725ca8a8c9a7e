"""A site is moved to other engines and back: row for row, file for file, wherever it was broken off."""

from __future__ import annotations

import importlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.audit.tables import AuditEvent
from app.auth.tables import User
from app.extensions import db
from app.factory import create_app
from app.moving import mirror, progress
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import Storage
from config import ROOT, Settings
from tests.factories import make_analysis, make_patient, make_user, post
from tests.fakes import FakeClassifiers
from tests.object_store import ObjectStore
from tests.pictures import lesion_picture
from tests.postgresql import Server
from tests.web.test_tallies import all_tallies, counted

PATIENTS = 7
LOG = {"audit_events", "audit_heads"}  # the end of a move is recorded there alone
To = dict[str, str]
Moving = Callable[..., Result]
# in the order in which a move comes to them
PLACES = [
    "app.moving.files:begin_files", "app.moving.cli:record_now", "app.storage.local:LocalStorage.put",
    "app.moving.mirror:Mirror.add", "app.moving.files:compare_files", "app.storage.local:LocalStorage.delete",
    "app.moving.target:finish",
]  # fmt: skip


class KilledError(BaseException):
    """What no handler catches: as if the process were gone."""


@pytest.fixture
def site(app: Flask, session: Session, storage: Storage) -> Flask:
    """A site with an account, some patients and photographs."""
    owner = make_user(session, email="ada@clinic.example")
    for number in range(PATIENTS):
        patient = make_patient(session, owner, name=f"Ingrid Weiß {number}")
        make_analysis(session, owner, storage=storage, patient_id=patient.id, patient_name=patient.name)
    alone(session)
    return app


def alone(session: Session) -> None:
    """Let go of a database, so that nobody has it open."""
    session.close()
    session.get_bind().dispose()  # type: ignore[union-attr]  # it is an engine


@pytest.fixture
def elsewhere(tmp_path: Path, _empty_database: Path) -> To:
    """An empty folder, and a database with nothing in it but what its migrations have made."""
    shutil.copyfile(_empty_database, tmp_path / "other.sqlite3")
    return {"--to-database": f"sqlite:///{tmp_path / 'other.sqlite3'}", "--to-storage": (tmp_path / "other").as_uri()}


@pytest.fixture
def moving(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Moving:
    monkeypatch.setattr(mirror, "AT_A_TIME", 3)
    return lambda to, *flags: run(site, to, *flags)


@contextmanager
def there(site: Flask, to: To) -> Iterator[Flask]:
    """Start the site at its new place."""
    said = {"database_url": to.get("--to-database"), "storage_url": to.get("--to-storage")}
    settings = site.config["SETTINGS"].model_copy(update={name: url for name, url in said.items() if url})
    app = create_app(settings, FakeClassifiers())
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def rows(site: Flask) -> dict[str, mirror.Counted]:
    with site.app_context(), db.engine.connect() as connection:
        return {each.name: each.counted(connection) for each in mirror.mirrors(db.engine.dialect.name)}


def files(site: Flask) -> dict[str, bytes]:
    storage = site.extensions["storage"]
    return {key: storage.get(key) for key, _ in storage.keys()}  # noqa: SIM118 - no mapping


def differing(site: Flask, to: To) -> set[str]:
    """Name the tables that are not the same at the new place, and "files" if these are not."""
    with there(site, to) as other:
        old, new = rows(site), rows(other)
        tables = {name for name in old if old[name] != new[name]}
        return tables if files(site) == files(other) else {*tables, "files"}


def checks(site: Flask, to: To) -> dict[str, str]:
    with there(site, to) as other:
        found: dict[str, str] = other.test_client().get("/readyz").get_json()["checks"]
        return found


def break_off(monkeypatch: pytest.MonkeyPatch, place: str, calls: int, move: Callable[[], object]) -> None:
    """Run a move that is gone when it comes to a place for the so manieth time."""
    module, _, name = place.partition(":")
    owner: Any = importlib.import_module(module)
    for part in name.split(".")[:-1]:
        owner = getattr(owner, part)
    real, left = getattr(owner, name.split(".")[-1]), iter(range(calls))

    def dying(*args: Any, **options: Any) -> Any:
        if next(left, None) is None:
            raise KilledError
        return real(*args, **options)

    with monkeypatch.context() as broken:
        broken.setattr(owner, name.split(".")[-1], dying)
        with pytest.raises(KilledError):
            move()


def test_a_move_is_whole_wherever_it_was_broken_off(
    site: Flask, moving: Moving, elsewhere: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in PLACES:
        calls = 3 if place.endswith(("put", "add")) else 0
        break_off(monkeypatch, place, calls, lambda: moving(elsewhere))
        if place == "app.moving.mirror:Mirror.add":
            assert checks(site, elsewhere)["database"] == "failed"

    result = moving(elsewhere)

    assert result.exit_code == 0, result.output
    assert differing(site, elsewhere) == LOG
    assert {checks(site, elsewhere)[name] for name in ("database", "keys", "storage")} == {"ok"}
    with there(site, elsewhere) as other, other.app_context():
        assert not inspect(db.engine).has_table("moving")
        assert all_tallies(db.session()) == counted(db.session())
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.operation == "move")).all()
        assert ["begun" in str(event.details) for event in events] == [True, False]
        assert other.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
        with pytest.raises(Exception, match="never changed"):
            db.session.execute(text("UPDATE audit_events SET operation = 'x'"))


def test_a_move_asks_for_nothing_twice_and_is_not_done_again(site: Flask, moving: Moving, elsewhere: To) -> None:
    first, second = moving(elsewhere), moving(elsewhere)

    assert f"{2 * PATIENTS} files copied." in first.output
    assert "The target database is not empty" in second.output
    assert second.exit_code == 1
    assert differing(site, elsewhere) == LOG


def test_what_is_changed_meanwhile_is_found_and_the_move_begun_again(
    site: Flask, session: Session, moving: Moving, elsewhere: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(monkeypatch, "app.moving.target:finish", 0, lambda: moving(elsewhere))
    session.execute(update(Patient).where(Patient.id == 2).values(birth_year=1950))
    session.commit()
    alone(session)

    found = moving(elsewhere)
    again = moving(elsewhere, "--begin-again")

    assert found.exit_code == 1
    assert "These tables differ: patients." in found.output
    assert again.exit_code == 0, again.output
    assert differing(site, elsewhere) == LOG
    with there(site, elsewhere) as other:
        assert other.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def test_a_file_that_differs_is_found(site: Flask, moving: Moving, elsewhere: To, monkeypatch: Any) -> None:
    break_off(monkeypatch, "app.moving.target:finish", 0, lambda: moving(elsewhere))
    file = next(Path(elsewhere["--to-storage"].removeprefix("file://")).rglob("*.jpg"))
    file.write_bytes(b"damaged")

    result = moving(elsewhere)

    assert result.exit_code == 1
    assert "1 files are not the same in both places" in result.output


def test_a_site_that_is_at_work_is_not_moved(site: Flask, session: Session, moving: Moving, elsewhere: To) -> None:
    session.execute(text("PRAGMA busy_timeout=10"))
    session.scalars(select(User)).all()

    result = moving(elsewhere)

    assert result.exit_code == 1
    assert "The site is at work" in result.output


def test_nobody_writes_while_a_site_is_moved(
    site: Flask, session: Session, moving: Moving, elsewhere: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def try_to_write(*_: object) -> int:
        try:
            session.execute(text("SELECT 1 FROM users"))
        except OperationalError as error:
            refused.append(str(error))
        return 0

    monkeypatch.setattr("app.extensions.BUSY_MILLISECONDS", 1)
    monkeypatch.setattr("app.moving.rows.copy_rows", try_to_write)
    moving(elsewhere)

    assert "locked" in refused[0]


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (
            "INSERT INTO clinics (id, public_id, name, created_at) VALUES (1, 'a', 'b', '2026-01-01')",
            "not empty: clinics",
        ),
        ("UPDATE alembic_version SET version_num = '0001'", "other migrations"),
        ("CREATE TABLE moving AS SELECT 'site' AS kind, '' AS name, 'another' AS content", "Another site"),
        ("DROP TABLE alembic_version", "not empty: tables of something else"),
    ],
)
def test_a_database_that_is_not_an_empty_one_of_ours_is_left_alone(
    site: Flask, moving: Moving, elsewhere: To, prepare: str, sentence: str
) -> None:
    with there(site, elsewhere) as other, other.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(prepare)

    result = moving(elsewhere)

    assert result.exit_code == 1
    assert sentence in result.output
    assert rows(site)["patients"].rows == PATIENTS


@pytest.mark.parametrize(("key", "sentence"), [("analyses/A/b.png", "is not empty"), ("moving", "Another site")])
def test_a_storage_that_holds_something_is_left_alone(
    moving: Moving, elsewhere: To, tmp_path: Path, key: str, sentence: str
) -> None:
    (tmp_path / "other" / key).parent.mkdir(parents=True)
    (tmp_path / "other" / key).write_bytes(b"theirs")

    result = moving(elsewhere)
    again = moving(elsewhere, "--begin-again")

    assert [result.exit_code, again.exit_code] == [1, 1]
    assert sentence in result.output
    assert (tmp_path / "other" / key).read_bytes() == b"theirs"


def test_it_must_be_said_where_to_and_that_must_be_elsewhere(site: Flask, moving: Moving) -> None:
    settings: Settings = site.config["SETTINGS"]

    assert "Say where to" in moving({}).output
    assert "the present database" in moving({"--to-database": settings.database}).output
    assert "the present storage" in moving({"--to-storage": settings.storage}).output
    assert "LENTIGO_STORAGE_URL" in moving({"--to-storage": "ftp://x"}).output
    assert "can't be used" in moving({"--to-database": "no address"}).output


def test_it_is_told_how_long_the_rest_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    moments = iter([0.0, 0.0, 1.0, 10.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    counting = progress.Progress(told.append)
    counting.expect(10_000, "rows")
    counting.done(4000, "analyses", earlier=True)

    counting.done(1000, "analyses")

    assert told == ["analyses: 5,000 of 10,000 rows, 100 a second, some 50 seconds left"]


KILLED = """
import os, signal, sys
from app.moving.mirror import Mirror
from wsgi import app

left, add = iter(range(12)), Mirror.add

def dying(*args):
    if next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    add(*args)

Mirror.add = dying
app.test_cli_runner().invoke(args=["move", "--to-database", sys.argv[1], "--to-storage", sys.argv[2]])
"""


def test_a_demonstration_goes_to_postgresql_and_an_object_store_and_back(
    site_of_demonstration: tuple[Flask, str, str], to_servers: To, elsewhere: To
) -> None:
    app, *account = site_of_demonstration

    died = killed(app, to_servers)
    moved = run(app, to_servers)

    assert died == -signal.SIGKILL
    assert moved.exit_code == 0, moved.output
    assert differing(app, to_servers) == LOG
    with there(app, to_servers) as other:
        assert pages(other, *account) == pages(app, *account)
        with other.app_context():
            make_analysis(db.session(), db.session.scalars(select(User)).first())  # by a number that is free
            assert all_tallies(db.session()) == counted(db.session())
        let_go(other)
        returned = run(other, elsewhere)
        assert returned.exit_code == 0, returned.output
        assert differing(other, elsewhere) == LOG


@pytest.fixture
def site_of_demonstration(
    app: Flask, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> tuple[Flask, str, str]:
    """A demonstration of few patients, and the e-mail address and the password of one of its accounts."""
    monkeypatch.setattr("app.demo.services.draw", lambda *_, **__: lesion_picture(size=(200, 150)))
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=object_store.account())
    told = app.test_cli_runner().invoke(args=["demo", "--patients", "4"]).output
    let_go(app)
    email, password = re.findall(r"^  (\S+@\S+)  (\S+)$", told, re.MULTILINE)[0]
    return app, email, password


@pytest.fixture
def to_servers(postgresql_server: Server, _postgresql_template: str, object_store: ObjectStore) -> Iterator[To]:
    """A database of PostgreSQL that the migrations have made, and an empty prefix of a bucket."""
    name = secrets.token_hex(8)
    address = postgresql_server.make(name, _postgresql_template)
    yield {"--to-database": address, "--to-storage": object_store.settings()["storage_url"]}
    postgresql_server.drop(name)


def run(app: Flask, to: To, *flags: str) -> Result:
    return app.test_cli_runner().invoke(args=["move", *(part for pair in to.items() for part in pair), *flags])


def killed(app: Flask, to: To) -> int:
    """Run a move in a process of its own that is killed in the middle of it, and return how it ended."""
    settings: Settings = app.config["SETTINGS"]
    said = {name: getattr(settings, name) for name in ("environment", "instance", "master_key", "s3_endpoint")}
    said |= {name: getattr(settings, name) for name in ("s3_region", "s3_key", "s3_secret")}
    surroundings = {**os.environ, **{f"LENTIGO_{name.upper()}": str(value) for name, value in said.items()}}
    command = [sys.executable, "-c", KILLED, *to.values()]
    return subprocess.run(command, cwd=ROOT, env=surroundings, check=False, timeout=60, capture_output=True).returncode


def let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def pages(app: Flask, email: str, password: str) -> list[str | bytes]:
    """Return what an account reads on its pages, and the photograph and the heat map of its newest test."""
    client = app.test_client()
    post(client, "/login", {"email": email, "password": password})
    with app.app_context():
        newest = f"/results/{db.session.scalars(select(Analysis.public_id).order_by(Analysis.id.desc())).first()}"
    read = [client.get(address) for address in ("/previous_tests", "/patients", newest)]
    pictures = [client.get(f"{newest}/{name}") for name in ("image", "heatmap.png")]
    let_go(app)
    assert {answer.status_code for answer in (*read, *pictures)} == {200}
    words = [re.sub(r"<(script|style|meta|input)[^>]*>|<[^>]+>|\\s+", " ", answer.text) for answer in read]
    return [*words, *(picture.data for picture in pictures)]
