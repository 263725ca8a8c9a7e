"""A log with a few events, and what somebody can do to it who has the database and not the key."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.events import CHANGE, DONE, PATIENT, VIEW, Event
from app.audit.log import append
from app.audit.tables import AuditEvent
from app.audit.verification import Finding, verify
from app.extensions import db
from config import Settings

EVENTS = 6


def an_event(number: int) -> Event:
    return Event(
        action=VIEW if number % 2 else CHANGE,
        operation="patients.show",
        outcome=DONE,
        status=200,
        actor_id=7,
        role="clinician",
        clinic_id=3,
        subject_kind=PATIENT,
        subject_id=f"subject{number}",
        patient_id=f"patient{number}",
        address="192.0.2.7",
        agent="Firefox on Linux",
        channel="site",
        request_id=f"{number:016x}",
        details={"number": number},
    )


@pytest.fixture
def logged(session: Session) -> Session:
    """The test's session, after EVENTS events that were committed one by one."""
    for number in range(1, EVENTS + 1):
        append(session, [an_event(number)])
        session.commit()
    return session


@pytest.fixture
def verified(app: Flask, session: Session, settings: Settings) -> Callable[[], Finding]:
    def verified() -> Finding:
        session.rollback()
        return verify(session, anchors.file_of(settings))

    return verified


@pytest.fixture
def thief(app: Flask, settings: Settings) -> Iterator[sqlite3.Connection]:
    """A connection of somebody who has the file of the database, and has removed what guards the log in it."""
    connection = sqlite3.connect(settings.instance / "lentigo.sqlite3", isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"):
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    connection.close()


@pytest.fixture
def recorded(app: Flask, settings: Settings) -> Callable[[], list[AuditEvent]]:
    """Return all events so far, in their order."""
    with app.app_context():
        engine = db.engine

    def recorded() -> list[AuditEvent]:
        with Session(engine) as session:
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.position)))

    return recorded
