"""A request with an Idempotency-Key is done once, however often it comes."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.idempotency.services import KEPT, LEASE
from app.api.idempotency.tables import IdempotencyKey
from app.api.operation import operation
from app.api.reading import FilePart
from app.api.schemas import Answer, Sent
from app.auth.tables import User
from app.clock import now
from app.errors import NotFoundError, RefusedUploadError
from app.extensions import csrf, db
from app.patients.tables import Patient
from tests.api.conftest import Program
from tests.factories import belonging_to

PART = {"file": FilePart("Something")}


class Thing(Answer):
    name: str


class Fields(Sent):
    name: str


@pytest.fixture
def attempts() -> Iterator[int]:
    return count(1)


@pytest.fixture(autouse=True)
def _things(app: Flask, attempts: Iterator[int]) -> None:
    """Operations that make patients and show them; the first attempt called "poor" is refused."""

    @operation("Make one", scope="write", form=Fields, files=PART, answers={201: Thing}, makes=True)
    def make(form: Fields) -> tuple[Thing, int, dict[str, str]]:
        attempt = next(attempts)
        if form.name == "slow":
            SLOW.wait(5)
        patient = Patient(**belonging_to(caller()), name=form.name, name_key=form.name)
        db.session.add(patient)
        db.session.flush()
        if form.name == "poor" and attempt == 1:
            raise RefusedUploadError("It is poor.")
        location = f"/api/v1/things/{patient.public_id}"
        commit_made(location)
        return Thing(name=form.name), 201, {"Location": location}

    @operation("Show one", scope="read", answers={200: Thing})
    def show(public_id: str) -> Thing:
        patient = db.session.scalar(select(Patient).where(Patient.public_id == public_id))
        if patient is None:
            raise NotFoundError("There is no such thing.")
        return Thing(name=patient.name)

    app.add_url_rule("/api/v1/things", "make", make, methods=["POST"])
    app.add_url_rule("/api/v1/things/<public_id:public_id>", "show", show)
    csrf.exempt(f"{make.__module__}.{make.__name__}")


SLOW = threading.Event()


def send(program: Program, name: str = "Ann", key: str | None = "a-key", content: bytes = b"abc") -> TestResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    return program.post("/things", data={"name": name, "file": (io.BytesIO(content), "a.jpg")}, headers=headers)


def made(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Patient)) or 0


def test_the_second_of_two_is_answered_with_what_the_first_made(program: Program, session: Session) -> None:
    first, second = send(program), send(program)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json == first.json
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert made(session) == 1


def test_without_a_key_each_makes_its_own(program: Program, session: Session) -> None:
    send(program, key=None)
    send(program, key=None)

    assert made(session) == 2


@pytest.mark.parametrize("other", [{"name": "Bea"}, {"content": b"abd"}])
def test_a_key_belongs_to_what_it_was_sent_with(program: Program, session: Session, other: dict[str, str]) -> None:
    send(program)

    response = send(program, **other)

    assert response.status_code == 422
    assert response.json["type"] == "/api/docs#idempotency-key-reused"
    assert made(session) == 1


def test_the_same_key_of_somebody_else_is_another_key(program: Program, stranger: Program, session: Session) -> None:
    send(program)

    response = send(stranger)

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers
    assert made(session) == 2


def test_what_was_refused_may_be_sent_again(program: Program, session: Session) -> None:
    first, second = send(program, "poor"), send(program, "poor")

    assert (first.status_code, second.status_code) == (422, 201)
    assert made(session) == 1


def test_while_the_first_is_worked_on_the_second_waits(app: Flask, program: Program, session: Session) -> None:
    SLOW.clear()
    answers: list[TestResponse] = []
    first = threading.Thread(target=lambda: answers.append(send(program, "slow")))
    first.start()
    while not session.scalar(select(func.count()).select_from(IdempotencyKey)):
        session.rollback()

    second = send(Program(app.test_client(), program.token), "slow")
    SLOW.set()
    first.join()

    assert second.status_code == 409
    assert second.headers["Retry-After"] == "2"
    assert answers[0].status_code == 201
    assert made(session) == 1


def test_the_key_of_a_killed_process_is_taken_over(program: Program, session: Session, owner: User) -> None:
    location = send(program).headers["Location"]
    died = {"location": None, "leased_until": now() - timedelta(seconds=1)}
    session.execute(update(IdempotencyKey).values(**died))
    session.commit()

    response = send(program)

    assert response.status_code == 201
    assert response.headers["Location"] != location
    assert "Idempotency-Replayed" not in response.headers


def test_whoever_was_thought_dead_makes_nothing(app: Flask, program: Program, session: Session) -> None:
    SLOW.clear()
    answers: list[TestResponse] = []
    first = threading.Thread(target=lambda: answers.append(send(program, "slow")))
    first.start()
    while not session.scalar(select(func.count()).select_from(IdempotencyKey)):
        session.rollback()
    session.execute(update(IdempotencyKey).values(leased_until=now() + LEASE))  # another process has claimed it
    session.commit()

    SLOW.set()
    first.join()

    assert answers[0].status_code == 409
    assert made(session) == 0


def test_what_was_made_and_deleted_is_not_made_again(program: Program, session: Session) -> None:
    send(program)
    session.delete(session.scalars(select(Patient)).one())
    session.commit()

    response = send(program)

    assert response.status_code == 404
    assert made(session) == 0


def test_keys_are_forgotten_after_a_day(program: Program, session: Session) -> None:
    send(program)
    session.execute(update(IdempotencyKey).values(created_at=now() - KEPT - timedelta(minutes=1)))
    session.commit()

    response = send(program)

    assert "Idempotency-Replayed" not in response.headers
    assert made(session) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "späť", "a key"])
def test_a_key_that_can_not_be_one_is_refused(program: Program, session: Session, key: str) -> None:
    response = send(program, key=key)

    assert response.status_code == 422
    assert response.json["errors"][0]["name"] == "Idempotency-Key"
    assert made(session) == 0


def test_nothing_of_the_answer_is_kept(program: Program, session: Session) -> None:
    send(program, "Ingrid")

    kept = session.execute(select(IdempotencyKey.__table__)).one()

    assert "Ingrid" not in repr(kept)
    assert "a-key" not in repr(kept)
