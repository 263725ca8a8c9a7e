"""How long records are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.erasures.tables import Erasure
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.rights.retention import jobs, services
from app.rights.retention.jobs import retain
from app.rights.retention.tables import RetentionHold, RetentionNotice
from config import Settings
from tests.factories import make_analysis, make_patient, make_user, post, sign_in

LONG_AGO = now() - timedelta(days=12 * 366)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"retention_archived_years": 10, "retention_unfiled_days": 90})


@pytest.fixture
def old(session: Session, owner: User) -> Patient:
    """A patient who was archived twelve years ago."""
    return make_patient(session, owner, archived_at=LONG_AGO)


@pytest.fixture
def later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Let the job run, as if so many days had passed."""

    def run(days: int = 0) -> None:
        moment: datetime = now() + timedelta(days=days)
        monkeypatch.setattr(jobs, "now", lambda: moment)
        with app.app_context():
            retain()

    return run


def names(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Patient.name).order_by(Patient.id)))


def test_who_is_overdue_is_announced_for_a_month_and_then_erased(
    reader: FlaskClient, session: Session, old: Patient, later
) -> None:
    later()
    page = reader.get("/retention").text
    later(29)
    after_29 = names(session)

    later(30)

    assert "Ingrid Sørensen" in page
    assert after_29 == ["Ingrid Sørensen"]
    assert names(session) == []
    assert session.scalars(select(Erasure.kind)).all() == ["patient"]


def test_an_erasure_that_fails_holds_up_no_other(
    session: Session, owner: User, old: Patient, later, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_patient(session, owner, name="Ole Dahl", archived_at=LONG_AGO)
    later()
    erase = services.erase

    def fail(session: Session, patient: Patient) -> None:
        if patient.name == "Ingrid Sørensen":
            raise RuntimeError
        erase(session, patient)

    monkeypatch.setattr(services, "erase", fail)

    later(30)

    assert names(session) == ["Ingrid Sørensen"]


def test_nobody_is_erased_who_is_at_work_with_or_not_archived(
    session: Session, owner: User, old: Patient, later
) -> None:
    make_analysis(session, owner, patient_id=old.id)
    make_patient(session, owner, name="Ole Dahl", created_at=LONG_AGO)

    later()
    later(60)

    assert names(session) == ["Ingrid Sørensen", "Ole Dahl"]
    assert session.scalars(select(RetentionNotice)).all() == []


def test_who_is_taken_out_of_the_archive_meanwhile_stays(session: Session, old: Patient, later) -> None:
    later()
    old.archived_at = None
    session.commit()

    later(40)

    assert names(session) == ["Ingrid Sørensen"]
    assert session.scalars(select(RetentionNotice)).all() == []


def test_a_record_is_kept_longer_for_a_reason_until_that_is_taken_back(
    reader: FlaskClient, session: Session, old: Patient, later
) -> None:
    later()
    held = post(reader, f"/patients/{old.public_id}/retention", {"reason": "A dispute"})
    later(40)
    page = reader.get("/retention").text
    while_held = names(session)
    post(reader, f"/patients/{old.public_id}/retention/end", form="/retention")
    later(40)
    announced_again = names(session)
    later(70)

    assert held.status_code == 303
    assert "A dispute" in page
    assert while_held == announced_again == ["Ingrid Sørensen"]
    assert names(session) == []


def test_tests_that_are_nobodys_go_after_their_time(session: Session, owner: User, later) -> None:
    make_analysis(session, owner, created_at=now() - timedelta(days=100))
    recent = make_analysis(session, owner)

    later()
    later(31)

    session.expire_all()
    assert session.scalars(select(Analysis)).all() == [recent]


def test_by_default_everything_is_kept(session: Session, old: Patient, later, app: Flask, settings: Settings) -> None:
    app.config["SETTINGS"] = settings.model_copy(update={"retention_archived_years": 0, "retention_unfiled_days": 0})

    later()
    later(400)

    assert names(session) == ["Ingrid Sørensen"]


def test_strangers_and_the_anonymous_see_and_change_nothing(
    client: FlaskClient, session: Session, old: Patient
) -> None:
    session.add(RetentionNotice(patient_id=old.id, erased_on=now().date()))
    session.commit()
    address = f"/patients/{old.public_id}/retention"
    anonymous = client.get("/retention")
    sign_in(client, make_user(session))

    answers = [
        client.get(address),
        *(post(client, to, {"reason": "x"}, form="/patients/new") for to in (address, f"{address}/end")),
    ]

    assert anonymous.headers["Location"].startswith("/login?next=")
    assert [answer.status_code for answer in answers] == [404] * 3
    assert "Ingrid" not in client.get("/retention").text
    assert session.scalars(select(RetentionHold)).all() == []
