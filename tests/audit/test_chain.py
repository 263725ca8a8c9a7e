"""What somebody does to the log who has the database, and not the key, is found."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import anchors, note
from app.audit.chain import FIELDS, Head, event_hash
from app.audit.jobs import anchor
from app.audit.log import append
from app.audit.retention import prune
from app.audit.tables import AuditEvent
from app.audit.verification import Finding
from app.clock import now
from app.extensions import db
from app.factory import create_app
from app.patients.tables import Patient
from config import Settings
from tests.audit.conftest import EVENTS, an_event
from tests.factories import make_patient, make_user
from tests.fakes import FakeClassifiers
from tests.postgresql import on_both

Verified = Callable[[], Finding]


def test_an_untouched_log_is_sound(logged: Session, verified: Verified) -> None:
    finding = verified()

    assert finding.sound
    assert (finding.events, finding.position) == (EVENTS, EVENTS)


def test_a_log_without_events_is_sound(verified: Verified) -> None:
    assert verified().sound


COLUMNS = ", ".join((*FIELDS[1:], "hash"))
OTHER = {"at": "2020-01-01 00:00:00.000000", "status": 404, "actor_id": 8, "clinic_id": 4, "position": 40}
EMPTIED = ("status", "actor_id", "role", "subject_id", "patient_id", "address", "request_id")
CUT_OFF = (
    "DELETE FROM audit_events WHERE position > 4",
    "UPDATE audit_heads SET position = 4, hash = (SELECT hash FROM audit_events WHERE position = 4)",
)
HARMS = {
    **{
        f"{column} altered": [f"UPDATE audit_events SET {column} = '{OTHER.get(column, 'other')}' WHERE position = 3"]
        for column in (*FIELDS, "hash")
    },
    **{f"{column} emptied": [f"UPDATE audit_events SET {column} = NULL WHERE position = 3"] for column in EMPTIED},
    "text moved to the next column": [
        "UPDATE audit_events SET subject_id = subject_id || patient_id, patient_id = '' WHERE position = 3"
    ],
    **{f"{n} deleted": [f"DELETE FROM audit_events WHERE position = {n}"] for n in range(1, EVENTS + 1)},
    "all deleted": ["DELETE FROM audit_events"],
    "one deleted, the later ones moved up": [
        "DELETE FROM audit_events WHERE position = 3",
        *(f"UPDATE audit_events SET position = {n - 1} WHERE position = {n}" for n in range(4, EVENTS + 1)),
        "UPDATE audit_heads SET position = position - 1",
    ],
    **{
        f"one put in as {n}": [
            f"INSERT INTO audit_events (position, {COLUMNS}) SELECT {n}, {COLUMNS} FROM audit_events WHERE position = 2"
        ]
        for n in (-1, 0, EVENTS + 1, EVENTS + 9)
    },
    "two change places": [
        f"UPDATE audit_events SET position = {new} WHERE position = {old}" for old, new in ((2, 100), (3, 2), (100, 3))
    ],
    "the end cut off, and the head to match": CUT_OFF,
    **{
        f"the head's {column} altered": [f"UPDATE audit_heads SET {column} = '{'f' * 64 if 'hash' in column else 2}'"]
        for column in Head._fields
    },
    "the beginning moved": [
        "UPDATE audit_heads SET start = 2, start_hash = (SELECT hash FROM audit_events WHERE position = 2)",
        "DELETE FROM audit_events WHERE position <= 2",
    ],
}


def test_whatever_is_altered_deleted_put_in_or_moved_is_found(
    logged: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    kept = {table: thief.execute(f"SELECT * FROM {table}").fetchall() for table in ("audit_events", "audit_heads")}
    unfound = []

    for harm, statements in HARMS.items():
        for statement in statements:
            thief.execute(statement)
        if verified().sound:
            unfound.append(harm)
        for table, rows in kept.items():
            thief.execute(f"DELETE FROM {table}")
            thief.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)

    assert verified().sound
    assert unfound == []


def test_a_finding_says_where(logged: Session, thief: sqlite3.Connection, verified: Verified) -> None:
    thief.execute("UPDATE audit_events SET details = '{}' WHERE position = 3")
    thief.execute("DELETE FROM audit_events WHERE position IN (5, 6)")

    assert verified().breaks == ["Event 3 was changed, or put in another's place.", "Events 5 to 6 are missing."]


def test_an_end_that_is_cut_off_stays_found_when_the_log_goes_on(
    logged: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    for statement in CUT_OFF:
        thief.execute(statement)

    append(logged, [an_event(5)])
    logged.commit()

    assert not verified().sound


def put_back_older_copy(app: Flask, session: Session, thief: sqlite3.Connection) -> None:
    """Log two events, anchor the second, and have the tables be as they were after the first."""
    append(session, [an_event(1)])
    session.commit()
    earlier = thief.execute("SELECT position, hash, seal, anchored FROM audit_heads").fetchone()
    append(session, [an_event(2)])
    session.commit()
    with app.app_context():
        anchor()
    thief.execute("DELETE FROM audit_events WHERE position = 2")
    thief.execute("UPDATE audit_heads SET position = ?, hash = ?, seal = ?, anchored = ?", earlier)


def test_the_end_of_the_log_that_is_put_back_as_it_once_was_is_found_by_the_anchor(
    app: Flask, session: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    put_back_older_copy(app, session, thief)

    assert verified().breaks == [
        "The log ends at number 1, though it went on to 2 at least: its end was cut off, or an older copy was restored."
    ]


def test_after_a_restored_backup_the_log_goes_on_and_tells_of_the_gap(
    app: Flask, session: Session, thief: sqlite3.Connection, verified: Verified, settings: Settings
) -> None:
    put_back_older_copy(app, session, thief)
    lost = verified().breaks
    runner = app.test_cli_runner()

    first, again = (runner.invoke(args=["audit", "restored"]) for _ in range(2))

    assert len(lost) == 1
    assert first.exit_code == 0, first.output
    assert "had gone on to number 2" in first.output
    assert verified().sound
    told = session.scalars(select(AuditEvent).where(AuditEvent.operation == "audit restored")).one()
    assert json.loads(told.details) | {"anchor": ""} == {"ended": 1, "anchored": 2, "anchor": ""}
    assert anchors.file_of(settings).with_name("audit-anchors.jsonl.1").exists()
    assert (again.exit_code, "nothing to acknowledge" in again.output) == (1, True)


def test_a_log_that_was_altered_is_no_restored_one(
    app: Flask, logged: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    thief.execute("UPDATE audit_events SET action = 'view' WHERE position = 2")

    result = app.test_cli_runner().invoke(args=["audit", "restored"])

    assert "The log itself was tampered with" in result.output
    assert not verified().sound


def test_an_older_copy_that_has_grown_beyond_the_anchor_is_found(
    app: Flask, session: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    put_back_older_copy(app, session, thief)

    append(session, [an_event(3), an_event(4)])
    session.commit()

    assert verified().breaks == ["Event 2 is another than the one that was anchored."]


def test_anchors_that_were_tampered_with_are_found(
    app: Flask, logged: Session, settings: Settings, verified: Verified
) -> None:
    path = anchors.file_of(settings)
    for number in (7, 8):
        append(logged, [an_event(number)])
        logged.commit()
        with app.app_context():
            anchor()
    first, second = path.read_text().splitlines(keepends=True)
    for harmed in ("", first, first + second.replace("8", "7", 1), second + first, first + "nonsense\n"):
        path.write_text(harmed)

        assert not verified().sound, harmed


def test_an_anchor_that_was_not_written_whole_or_written_twice_is_no_alarm(
    app: Flask, logged: Session, settings: Settings, verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = anchors.file_of(settings)
    with app.app_context(), monkeypatch.context() as killed:
        killed.setattr(db.session(), "commit", db.session().rollback)
        anchor()
    with path.open("a") as file:
        file.write(path.read_text()[:40])  # then the disk was full

    with app.app_context():
        anchor()

    assert len(path.read_text().splitlines()) == 3
    assert verified().sound


def test_a_head_that_is_deleted_is_found_and_nothing_is_recorded_without_it(
    logged: Session, thief: sqlite3.Connection, verified: Verified
) -> None:
    thief.execute("DELETE FROM audit_heads")

    assert not verified().sound
    with pytest.raises(Exception, match="can't be recorded"):
        append(logged, [an_event(7)])


def test_with_another_key_nothing_is_sound(
    logged: Session, verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.keys.data_keys import DataKeys

    monkeypatch.setattr(DataKeys, "secret", lambda *_: b"another key of thirty-two bytes!")

    finding = verified()

    assert "Event 1 was changed, or put in another's place." in finding.breaks


def test_the_hash_tells_fields_apart() -> None:
    values = [1, now(), "a", "b", *([None] * (len(FIELDS) - 5)), "{}"]
    joined, emptied = [*values], [*values]
    joined[2:4] = ["ab", ""]
    emptied[4] = ""

    hashes = {event_hash(b"key", "0" * 64, each) for each in (values, joined, emptied)}

    assert len(hashes) == 3


def test_the_database_refuses_to_change_the_log(logged: Session) -> None:
    for statement in (
        "UPDATE audit_events SET actor_id = 1",
        "DELETE FROM audit_events WHERE position = 6",
        "DELETE FROM audit_events",
        "DELETE FROM audit_heads",
    ):
        with pytest.raises(IntegrityError, match="the audit log is never changed"):
            logged.execute(text(statement))
        logged.rollback()


@on_both
def test_events_appended_at_once_stand_one_after_the_other(app: Flask, session: Session, verified: Verified) -> None:
    with app.app_context():
        engine = db.engine

    def appending() -> None:
        with Session(engine) as own:
            for number in range(50):
                append(own, [an_event(number)])
                own.commit()

    threads = [threading.Thread(target=appending) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    finding = verified()
    assert finding.sound
    assert finding.events == 400


def test_a_transaction_that_is_given_up_leaves_no_event(session: Session, verified: Verified) -> None:
    owner = make_user(session)
    make_patient(session, owner)
    note(session, an_event(1))
    session.add(Patient(clinic_id=owner.clinic_id, author_id=owner.id, name=None))

    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    session.commit()

    assert verified().events == 0


def test_an_event_is_recorded_though_a_savepoint_of_its_transaction_is_given_up(
    session: Session, verified: Verified
) -> None:
    note(session, an_event(1))
    session.begin_nested().rollback()

    session.commit()

    assert verified().events == 1


def test_a_pruned_log_is_sound_and_goes_on(logged: Session, thief: sqlite3.Connection, verified: Verified) -> None:
    moment = logged.get_one(AuditEvent, 4).at

    removed = prune(logged, before=moment)
    logged.commit()

    finding = verified()
    assert removed == 3
    assert finding.sound
    assert finding.events == EVENTS - 3 + 1  # and that it was pruned


def test_pruning_leaves_the_last_event(logged: Session, verified: Verified) -> None:
    prune(logged, before=now() + timedelta(days=1))
    logged.commit()

    assert verified().sound
    assert verified().events == 2


def test_the_log_of_a_copy_with_its_key_is_sound_elsewhere(
    app: Flask, logged: Session, settings: Settings, verified: Verified
) -> None:
    other = settings.model_copy(update={"instance": settings.instance.parent / "other"})
    other.instance.mkdir()
    logged.close()
    with app.app_context():
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    shutil.copyfile(settings.instance / "lentigo.sqlite3", other.instance / "lentigo.sqlite3")
    elsewhere = create_app(other, FakeClassifiers())

    result = elsewhere.test_cli_runner().invoke(args=["audit", "verify"])

    assert result.exit_code == 0, result.output
    assert f"{EVENTS} events, up to number {EVENTS}" in result.output
    with elsewhere.app_context():
        db.engine.dispose()
