"""What a patient has agreed to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.patients.consents.selectors import has_agreed
from app.patients.consents.tables import CARE, RESEARCH, Consent
from app.patients.services import merge
from app.patients.tables import Patient
from tests.factories import make_patient, make_user, post, sign_in

SAID = {"purpose": RESEARCH, "said": "given", "day": "2026-03-01", "how": "paper", "form_version": "2026-03"}


def record(client: FlaskClient, patient: Patient, **fields: str) -> int:
    return post(client, f"/patients/{patient.public_id}/consents", {**SAID, **fields}).status_code


def agreed(session: Session, purpose: str = RESEARCH) -> list[Patient]:
    session.expire_all()
    return list(session.scalars(select(Patient).where(has_agreed(purpose))))


def test_it_is_recorded_with_day_way_form_and_author(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    status = record(reader, patient)

    (consent,) = session.scalars(select(Consent))
    page = reader.get(f"/patients/{patient.public_id}")
    assert status == 303
    assert (consent.given, consent.day.isoformat(), consent.how, consent.form_version, consent.author_name) == (
        True, "2026-03-01", "paper", "2026-03", owner.name,
    )  # fmt: skip
    assert "Given, " in page.text
    assert agreed(session) == [patient]
    assert agreed(session, CARE) == []


def test_withdrawing_adds_to_the_history_and_is_in_force(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    record(reader, patient)

    record(reader, patient, said="withdrawn", form_version="")

    assert [consent.given for consent in session.scalars(select(Consent).order_by(Consent.id))] == [True, False]
    assert agreed(session) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"day": (now() + timedelta(days=2)).date().isoformat()},
        {"day": "0001-01-01"},
        {"day": "yesterday"},
        {"said": "perhaps"},
        {"purpose": "advertising"},
        {"how": "telepathy"},
        {"form_version": "x" * 61},
    ],
)
def test_what_can_not_be_is_not_recorded(
    reader: FlaskClient, session: Session, patient: Patient, fields: dict[str, str]
) -> None:
    assert record(reader, patient, **fields) == 422
    assert session.scalars(select(Consent)).all() == []


def test_merging_keeps_what_both_have_said(
    session: Session, owner: User, patient: Patient, reader: FlaskClient
) -> None:
    other = make_patient(session, owner)
    record(reader, other)
    session.expire_all()

    merge(session, kept=patient, other=other, on=now().date())
    session.commit()

    assert agreed(session) == [patient]


def test_a_stranger_and_the_anonymous_find_nothing(client: FlaskClient, session: Session, patient: Patient) -> None:
    address = f"/patients/{patient.public_id}/consents"
    anonymous = client.get(address)
    sign_in(client, make_user(session))

    stranger = post(client, address, SAID, form="/patients/new")

    assert anonymous.status_code == 302
    assert anonymous.headers["Location"].startswith("/login?next=")
    assert (client.get(address).status_code, stranger.status_code) == (404, 404)
    assert session.scalars(select(Consent)).all() == []
