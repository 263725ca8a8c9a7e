"""A request with an Idempotency-Key is done once, however often it is sent, and whatever became of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.idempotency import services
from app.api.idempotency.tables import IdempotencyKey
from app.auth.tables import User
from app.clock import now
from app.errors import ClassifierUnavailableError
from app.results.tables import Analysis
from tests.api.conftest import Program
from tests.api.photographs import HERE, send
from tests.factories import make_token
from tests.hostile import picture
from tests.pictures import png

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def count(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Analysis)) or 0


def test_the_same_request_again_makes_nothing_and_has_the_same_answer(program: Program, session: Session) -> None:
    first = send(program, key=KEY, query="?include=heatmap", patient_name="Cem")
    again = send(program, key=KEY, query="?include=heatmap", patient_name="Cem")

    assert count(session) == 1
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert [response.headers.get("Idempotency-Replayed") for response in (first, again)] == [None, "true"]


@pytest.mark.parametrize("fields", [{"content": png(picture((90, 90)))}, {"age": "3"}, {"query": "?include=similar"}])
def test_another_request_under_the_same_key_is_refused(
    program: Program, session: Session, fields: dict[str, Any]
) -> None:
    send(program, key=KEY)

    response = send(program, key=KEY, **fields)

    assert response.status_code == 422
    assert response.json["type"] == "/api/docs#idempotency-key-reused"
    assert count(session) == 1


def test_a_request_that_failed_may_be_sent_again(
    program: Program, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ClassifierUnavailableError("Not now.")

    with monkeypatch.context() as patched:
        patched.setattr("app.upload.services.classify", fail)
        assert send(program, key=KEY).status_code == 503

    assert send(program, key=KEY).status_code == 201
    assert count(session) == 1


def test_a_request_whose_process_was_killed_may_be_sent_again_after_a_while(
    program: Program, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(program, key=KEY)
    killed = session.scalars(select(IdempotencyKey)).one()
    killed.location, killed.leased_until = None, now() + timedelta(minutes=2)
    session.execute(Analysis.__table__.delete())  # its transaction was never committed
    session.commit()

    at_once = send(program, key=KEY)
    monkeypatch.setattr(services, "now", lambda: now() + timedelta(minutes=3))
    later = send(program, key=KEY)

    assert (at_once.status_code, at_once.headers["Retry-After"]) == (409, "2")
    assert at_once.json["type"] == "/api/docs#idempotency-key-in-use"
    assert later.status_code == 201
    assert count(session) == 1


def test_of_what_was_deleted_since_nothing_is_made_again(program: Program, session: Session) -> None:
    made = send(program, key=KEY).json
    program.delete(f"{HERE}/{made['id']}")

    assert send(program, key=KEY).status_code == 404
    assert count(session) == 0


def test_sent_several_times_at_once_it_is_done_once(app: Flask, session: Session, owner: User) -> None:
    token = make_token(session, owner)

    def send_once(_: int) -> tuple[int, str | None]:
        response = send(Program(app.test_client(), token), key=KEY)
        return response.status_code, response.json.get("id")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send_once, range(8)))

    made = {public_id for status, public_id in answers if status == 201}
    assert {status for status, _ in answers} <= {201, 409}
    assert len(made) == 1
    assert count(session) == 1
