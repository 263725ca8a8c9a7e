"""Two servers with one database: what holds on one holds on the other, at the same moment too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.passwords import EXTENSION, Passwords
from app.auth.tables import FailedSignIn, User
from app.clock import now
from app.extensions import db
from app.factory import create_app
from app.results.tables import Analysis
from config import Settings
from tests.api.conftest import Program
from tests.factories import PASSWORD, csrf_token, make_token, post, sign_in
from tests.fakes import FakeClassifiers
from tests.pictures import lesion_picture, png
from tests.web.test_auth import CountingHasher

LIMIT = 3


@pytest.fixture
def on_postgresql() -> bool:
    return True


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = {"sign_in_failures_account": LIMIT, "sign_in_failures_address": 50, "api_requests_per_minute": 5}
    return settings.model_copy(update=limits)


@pytest.fixture
def other(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The second server, which shares nothing with the first but settings, database and storage."""
    other = create_app(settings, FakeClassifiers())
    yield other
    with other.app_context():
        db.engine.dispose()


def test_a_sign_in_at_one_counts_at_the_other_until_either_ends_it(app: Flask, other: Flask, owner: User) -> None:
    here = app.test_client()
    sign_in(here, owner)
    there = other.test_client()
    there.set_cookie("lentigo", here.get_cookie("lentigo").value)

    signed_in = there.get("/index").status_code
    post(there, "/logout", form="/index")

    assert signed_in == 200
    assert here.get("/index").location.startswith("/login")


def test_guesses_at_both_at_once_can_not_slip_through_nor_stand_in_each_others_way(
    app: Flask, other: Flask, session: Session, owner: User
) -> None:
    hasher = CountingHasher()
    old = now() - timedelta(hours=1)  # which whoever comes removes
    session.add_all(FailedSignIn(account="a", address=str(number), at=old) for number in range(200))
    session.commit()
    for server in (app, other):
        server.extensions[EXTENSION] = Passwords(hasher)
    clients = [server.test_client() for server in (app, other) for _ in range(4)]
    tokens = [csrf_token(client.get("/login").text) for client in clients]

    email = owner.email  # the session is not for several threads

    def guess(number: int) -> int:
        data = {"email": email, "password": f"guess {number}", "csrf_token": tokens[number]}
        return clients[number].post("/login", data=data).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        statuses = sorted(pool.map(guess, range(len(clients))))

    assert len(hasher.costs) <= LIMIT
    assert set(statuses) <= {422, 429}


def test_those_who_know_the_password_all_get_in_at_once(app: Flask, other: Flask, owner: User) -> None:
    clients = [server.test_client() for server in (app, other)]
    tokens = [csrf_token(client.get("/login").text) for client in clients]

    email = owner.email  # the session is not for several threads

    def enter(number: int) -> int:
        data = {"email": email, "password": PASSWORD, "csrf_token": tokens[number]}
        return clients[number].post("/login", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(enter, range(2))) == [303, 303]


def test_a_programs_requests_are_counted_over_both(app: Flask, other: Flask, session: Session, owner: User) -> None:
    token = make_token(session, owner)
    programs = [Program(server.test_client(), token) for server in (app, other)]

    statuses = [programs[number % 2].get("/predictions").status_code for number in range(7)]

    assert statuses == [200] * 5 + [429] * 2


def test_one_idempotency_key_at_both_at_once_makes_one_test(
    app: Flask, other: Flask, session: Session, owner: User
) -> None:
    token = make_token(session, owner)
    programs = [Program(server.test_client(), token) for server in (app, other)]
    content = png(lesion_picture(1, (96, 80)))

    def send(program: Program) -> int:
        return program.post(
            "/predictions",
            data={"image": (BytesIO(content), "lesion.png"), "patient_name": "Ingrid"},
            headers={"Idempotency-Key": "8e03978e"},
        ).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(send, programs))

    assert set(statuses) <= {201, 409}
    assert session.scalar(select(func.count()).select_from(Analysis)) == 1
