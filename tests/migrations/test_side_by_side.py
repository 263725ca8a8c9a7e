"""Servers of two versions, and two that migrate: what they tell, and how they wait for each other."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import migrating
from app.extensions import db
from app.migrating import IN_USE, alone, patiently
from app.revisions import RESTORING, heads_of, works_with
from config import Settings
from tests.postgresql import on_both

(HEAD,) = heads_of(str(Settings().migrations))


@pytest.mark.parametrize(
    ("tables", "oldest", "works"),
    [
        (HEAD, "0029", True),
        ("9999", "0029", True),
        ("9999", HEAD, True),
        ("9999", "9998", False),
        ("0001", "0029", False),
    ],
    ids=["as the code", "ahead by additions", "ahead, this code is the oldest", "this code is too old", "behind"],
)
def test_code_works_with_tables_that_are_ahead_unless_they_lack_what_it_needs(
    session: Session, settings: Settings, tables: str, oldest: str, works: bool
) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = :tables"), {"tables": tables})
    session.execute(text("UPDATE compatibility SET oldest = :oldest"), {"oldest": oldest})

    assert works_with(session.connection(), str(settings.migrations)) is works


def test_a_site_that_is_being_restored_is_not_ready(session: Session, settings: Settings) -> None:
    session.execute(text(f"CREATE TABLE {RESTORING} (backup VARCHAR(32))"))

    assert not works_with(session.connection(), str(settings.migrations))


@on_both
def test_of_two_servers_that_migrate_one_waits_for_the_other(
    app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "ASK_AGAIN", 0.02)
    done: list[str] = []
    with app.app_context():
        engine = db.engine
    url = engine.url.render_as_string(hide_password=False)

    def second() -> None:
        other = create_engine(url)
        with alone(other):
            done.append("second")
        other.dispose()

    waiting = threading.Thread(target=second)
    with alone(engine):
        waiting.start()
        time.sleep(0.3)
        done.append("first")
    waiting.join()

    assert done == ["first", "second"]
    assert "Another server is migrating this database." in capsys.readouterr().err


@pytest.mark.parametrize("on_postgresql", [True])
def test_a_table_in_use_is_tried_again_until_it_is_free(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
    asked: list[int] = []

    with engine.connect() as user:
        user.execute(text("SELECT 1 FROM patients"))

        def add() -> None:
            asked.append(len(asked))
            if len(asked) == 3:
                user.rollback()
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
                connection.exec_driver_sql("ALTER TABLE patients ADD COLUMN colour INTEGER")

        patiently(add, (0.01, 0.01))

    assert asked == [0, 1, 2]


def test_it_says_so_where_a_table_stays_in_use() -> None:
    class UnavailableError(Exception):
        sqlstate = migrating.NOT_AVAILABLE

    def run() -> None:
        raise OperationalError("ALTER TABLE", {}, UnavailableError())

    with pytest.raises(SystemExit, match="A table was in use for too long"):
        patiently(run, (0.0,))
    assert "run this again" in IN_USE
