"""What people do on the site is recorded: in the transaction of a change, and before an answer leaves."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.audit import recording
from app.audit.tables import AuditEvent
from app.auth.tables import User
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import Storage
from tests.api.conftest import Program
from tests.factories import make_analysis, make_app, make_lesion, make_token, make_user, post, sign_in
from tests.web.test_second_step import enter

Recorded = Callable[[], list[AuditEvent]]


@pytest.fixture
def analysis(session: Session, owner: User, patient: Patient, storage: Storage) -> Analysis:
    lesion = make_lesion(session, patient)
    return make_analysis(session, owner, patient_id=patient.id, lesion_id=lesion.id, storage=storage)


def said(event: AuditEvent) -> tuple[Any, ...]:
    return event.action, event.operation, event.outcome, event.subject_id, event.patient_id


def test_a_look_at_a_record_tells_who_from_where_and_at_whom(
    reader: FlaskClient, owner: User, patient: Patient, recorded: Recorded
) -> None:
    response = reader.get(f"/patients/{patient.public_id}", headers={"User-Agent": "Firefox/140 Linux"})

    event = recorded()[-1]
    assert said(event) == ("view", "patients.show", "done", patient.public_id, patient.public_id)
    assert (event.actor_id, event.address, event.agent, event.channel) == (
        owner.id, "127.0.0.1", "Firefox on Linux", "site",
    )  # fmt: skip
    assert event.request_id == response.headers["X-Request-ID"]


def test_a_look_at_a_test_is_one_at_its_patient(
    reader: FlaskClient, patient: Patient, analysis: Analysis, recorded: Recorded
) -> None:
    reader.get(f"/results/{analysis.public_id}")

    assert said(recorded()[-1]) == ("view", "results.show", "done", analysis.public_id, patient.public_id)


def test_a_page_and_its_pictures_are_one_event_and_a_picture_by_itself_is_another(
    reader: FlaskClient, analysis: Analysis, recorded: Recorded
) -> None:
    page = reader.get(f"/results/{analysis.public_id}").text
    before = len(recorded())

    addresses = {unescape(found) for found in re.findall(r'"(/results/[^"]*(?:image|heatmap.png)[^"]*)"', page)}
    for address in addresses:
        assert reader.get(address).status_code == 200
    covered = len(recorded())
    reader.get(f"/results/{analysis.public_id}/image")

    assert len(addresses) == 2
    assert covered == before
    assert said(recorded()[-1])[:3] == ("view", "results.image", "done")


def test_the_proof_of_a_picture_is_worth_nothing_for_another_or_to_somebody_else(
    app: Flask, session: Session, reader: FlaskClient, analysis: Analysis, recorded: Recorded
) -> None:
    page = reader.get(f"/results/{analysis.public_id}").text
    proof = re.search(r"/image\?seen=([\w-]+)", page)[1]
    before = len(recorded())

    reader.get(f"/results/{analysis.public_id}/thumbnail.jpg?seen={proof}")
    reader.get(f"/results/{analysis.public_id}/image?seen={proof[:-1]}")
    reader.get(f"/results/{analysis.public_id}/image?seen=é")
    app.test_client().get(f"/results/{analysis.public_id}/image?seen={proof}")

    assert len(recorded()) == before + 3


def test_what_a_page_asks_for_again_and_again_is_recorded_once(
    reader: FlaskClient, patient: Patient, analysis: Analysis, recorded: Recorded
) -> None:
    before = len(recorded())

    for _ in range(3):
        reader.get(f"/live/outline:{analysis.public_id}")

    assert len(recorded()) == before + 1
    assert said(recorded()[-1]) == ("view", "live.parts", "done", analysis.public_id, patient.public_id)


def test_a_list_is_recorded_by_what_it_was_asked_for_and_without_what_was_typed(
    reader: FlaskClient, recorded: Recorded
) -> None:
    reader.get("/previous_tests?patient=Ingrid&label=mel&Ingrid=1&text=")

    assert json.loads(recorded()[-1].details) == {"asked": ["label", "patient"]}


def test_a_change_tells_the_columns_and_not_what_is_in_them(
    reader: FlaskClient, patient: Patient, recorded: Recorded
) -> None:
    post(reader, f"/patients/{patient.public_id}/edit", {"name": "Eva Lindqvist", "notes": "Told in confidence"})

    event = recorded()[-1]
    assert said(event) == ("change", "patients.edit", "done", patient.public_id, patient.public_id)
    assert {"name", "notes"} <= set(json.loads(event.details)["columns"]["patients"])
    assert "Lindqvist" not in event.details
    assert "confidence" not in event.details


def test_a_new_record_is_named_by_its_id(reader: FlaskClient, session: Session, recorded: Recorded) -> None:
    post(reader, "/patients/new", {"name": "Eva Lindqvist"})

    public_id = session.scalars(select(Patient.public_id)).one()
    assert said(recorded()[-1]) == ("change", "patients.new", "done", public_id, public_id)


def test_an_erasure_tells_whose_test_it_was(
    reader: FlaskClient, patient: Patient, analysis: Analysis, recorded: Recorded
) -> None:
    public_id = analysis.public_id

    post(reader, f"/results/{public_id}/delete", form=f"/results/{public_id}")

    assert said(recorded()[-1]) == ("erase", "results.delete", "done", public_id, patient.public_id)


def test_a_change_that_can_not_be_recorded_is_not_made(
    reader: FlaskClient, session: Session, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', reader.get(f"/patients/{patient.public_id}/edit").text)[1]
    monkeypatch.setattr(recording, "append", _fail)

    response = reader.post(f"/patients/{patient.public_id}/edit", data={"name": "Eva", "csrf_token": token})

    session.expire_all()
    assert response.status_code == 503
    assert patient.name == "Ingrid Sørensen"


def test_a_page_that_can_not_be_recorded_is_not_shown(
    reader: FlaskClient, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "append", _fail)

    response = reader.get(f"/patients/{patient.public_id}")

    assert response.status_code == 503
    assert patient.name not in response.text


def test_nothing_is_shown_once_the_end_of_the_log_is_missing(
    reader: FlaskClient, patient: Patient, thief: sqlite3.Connection
) -> None:
    thief.execute("DELETE FROM audit_heads")

    response = reader.get(f"/patients/{patient.public_id}")

    assert response.status_code == 503
    assert patient.name not in response.text


def test_nobody_is_signed_in_without_a_record_of_it(
    client: FlaskClient, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = re.search(r'csrf_token"[^>]*value="([^"]+)', client.get("/login").text)[1]
    monkeypatch.setattr(recording, "append", _fail)

    response = client.post(
        "/login", data={"email": owner.email, "password": "a long walk by the lake", "csrf_token": token}
    )

    monkeypatch.undo()
    assert response.status_code == 503
    assert client.get("/patients").status_code == 302


def test_signing_in_and_out_is_recorded_and_whose_account_was_tried(
    client: FlaskClient, owner: User, recorded: Recorded
) -> None:
    post(client, "/login", {"email": owner.email, "password": "not the password at all"})
    post(client, "/login", {"email": "nobody@clinic.example", "password": "not the password at all"})
    sign_in(client, owner)
    post(client, "/logout", form="/preferences")

    events = [(event.action, event.outcome, event.actor_id) for event in recorded()]
    assert events == [
        ("sign-in", "refused", owner.id), ("sign-in", "refused", None), ("sign-in", "done", owner.id),
        ("sign-out", "done", owner.id),
    ]  # fmt: skip


def test_what_is_not_somebodys_is_recorded_as_refused_without_whose_it_is(
    app: Flask, session: Session, analysis: Analysis, recorded: Recorded
) -> None:
    stranger, other = app.test_client(), make_user(session)
    sign_in(stranger, other)

    stranger.get(f"/results/{analysis.public_id}")

    event = recorded()[-1]
    assert said(event) == ("view", "results.show", "refused", analysis.public_id, None)
    assert (event.status, event.actor_id) == (404, other.id)


def test_whoever_is_only_asked_to_sign_in_is_not_recorded(client: FlaskClient, recorded: Recorded) -> None:
    client.get("/patients")
    client.get("/")
    client.get("/login")
    client.get("/static/css/site.css")

    assert recorded() == []


def test_a_program_is_known_by_its_token(
    app: Flask, session: Session, owner: User, analysis: Analysis, recorded: Recorded
) -> None:
    program = Program(app.test_client(), make_token(session, owner, scope="admin"))
    token_id = program.get("/me").json["token"]["id"]

    program.get(f"/predictions/{analysis.public_id}")
    app.test_client().get("/api/v1/predictions", headers={"Authorization": "Bearer nonsense"})

    known, refused = recorded()
    assert (known.action, known.actor_id, known.channel) == ("view", owner.id, f"api {token_id}")
    assert (refused.action, refused.outcome, refused.status, refused.actor_id) == ("search", "refused", 401, None)


def test_a_request_with_an_idempotency_key_is_recorded_once_for_what_it_makes(
    app: Flask, session: Session, owner: User, recorded: Recorded
) -> None:
    program = Program(app.test_client(), make_token(session, owner, scope="admin"))

    made = program.post("/patients", json={"name": "Eva"}, headers={"Idempotency-Key": "once"}).json

    (event,) = recorded()
    assert said(event)[:4] == ("change", "api_patients.new", "done", made["id"])


def test_a_command_is_recorded(app: Flask, session: Session, recorded: Recorded) -> None:
    arguments = ["users", "create", "eva@clinic.example", "--name", "Eva", "--password-stdin"]

    app.test_cli_runner().invoke(args=arguments, input="a long walk by the lake\n")

    (event,) = recorded()
    assert (event.action, event.operation, event.channel) == ("permission", "users create", "command")
    assert "eva" not in event.details.lower()


def _fail(*_: Any) -> int:
    raise OperationalError("INSERT", None, sqlite3.OperationalError("database is locked"))


def test_a_sign_in_that_waits_for_its_second_step_is_not_done(
    client: FlaskClient, session: Session, owner: User, recorded: Recorded
) -> None:
    make_app(session, owner)

    post(client, "/login", {"email": owner.email, "password": "a long walk by the lake"})
    enter(client, "000000")

    events = [(event.operation, event.outcome, event.actor_id) for event in recorded()]
    assert events == [("auth.sign_in", "pending", owner.id), ("second_step.show", "refused", owner.id)]
