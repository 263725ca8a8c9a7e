"""Who may make an account, and whom a registration tells of."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.links.tables import Link
from app.auth.tables import User
from tests.factories import PASSWORD, csrf_token, make_user, post
from tests.mailbox import SENDING, Mailbox, opened
from tests.postgresql import on_both
from tests.web.test_auth import ADA, without

CHOSEN = {"password": ADA["password"]}


def set_to(app: Flask, **settings: Any) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=settings)


def accounts(session: Session) -> int:
    return session.scalar(select(func.count(User.id))) or 0


@pytest.fixture
def mailbox(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The site sends mail, and has an account."""
    set_to(app, **SENDING)
    make_user(session, email="known_@clinic.example")
    return opened(monkeypatch)


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_the_first_account_of_an_empty_site_can_always_be_made(
    app: Flask, client: FlaskClient, session: Session, mode: str
) -> None:
    set_to(app, registration=mode)

    first = post(client, "/register", ADA)
    second = app.test_client().get("/register")

    assert first.status_code == 303
    assert (second.status_code, "Accounts are made by invitation" in second.text) == (403, True)


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_later_nobody_can_just_make_one(app: Flask, client: FlaskClient, session: Session, mode: str) -> None:
    token = csrf_token(client.get("/register").text)
    make_user(session)
    set_to(app, registration=mode)

    response = client.post("/register", data={**ADA, "csrf_token": token})

    assert response.status_code == 403
    assert accounts(session) == 1


@on_both
def test_of_two_who_would_be_the_first_of_a_closed_site_one_is(app: Flask, session: Session) -> None:
    set_to(app, registration="closed")
    clients = [app.test_client() for _ in range(4)]
    tokens = [csrf_token(client.get("/register").text) for client in clients]

    def register(number: int) -> int:
        data = {**ADA, "email": f"person{number}@clinic.example", "csrf_token": tokens[number]}
        return int(clients[number].post("/register", data=data).status_code)

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(register, range(4)))

    assert statuses == [303, 403, 403, 403]
    assert accounts(session) == 1


def test_where_mail_is_sent_an_address_is_confirmed_first(
    client: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    asked = post(client, "/register", ADA)
    before = accounts(session)
    client.get(mailbox.link())
    finished = post(client, "/register/finish", CHOSEN)

    assert (asked.status_code, asked.location, before) == (303, "/register/asked", 1)
    assert (finished.status_code, finished.location) == (303, "/index")
    assert client.get("/index").status_code == 200
    assert session.scalars(select(User.email).order_by(User.id.desc())).first() == ADA["email"]
    assert post(client, "/logout", form="/index").status_code == 303
    assert post(client, "/login", {"email": ADA["email"], "password": PASSWORD}).status_code == 303


def test_where_mail_is_sent_nobody_learns_who_has_an_account(app: Flask, session: Session, mailbox: Mailbox) -> None:
    answers = []

    for email in ("known_@clinic.example", ADA["email"]):
        client = app.test_client()
        response = post(client, "/register", {**ADA, "email": email})
        page = client.get(response.location).text
        answers.append((response.status_code, response.location, without(page)))

    assert answers[0] == answers[1]
    assert mailbox.subjects == ["You have a Lentigo account already", "Finish making your Lentigo account"]
    assert session.scalar(select(func.count(Link.id))) == 1


@on_both
def test_the_link_makes_one_account_however_often_it_is_used(
    app: Flask, client: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    post(client, "/register", ADA)
    clients = [app.test_client() for _ in range(2)]
    for each in clients:
        each.get(mailbox.link())
    tokens = [csrf_token(each.get("/register/finish").text) for each in clients]

    def finish(number: int) -> int:
        return int(clients[number].post("/register/finish", data={**CHOSEN, "csrf_token": tokens[number]}).status_code)

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(finish, range(2)))

    assert statuses == [303, 410]
    assert accounts(session) == 2


def test_whoever_reads_the_mail_makes_no_account_whose_password_somebody_else_has_chosen(
    app: Flask, client: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    set_to(app, sign_in_failures_account=2)
    post(app.test_client(), "/register", ADA)
    client.get(mailbox.link())

    guesses = [post(client, "/register/finish", {"password": word}) for word in ("", "not this one", "nor this one")]
    waits = post(client, "/register/finish", CHOSEN)

    assert [guess.status_code for guess in guesses] == [422, 422, 422]
    assert "If that was not you, leave this page." in guesses[1].text
    assert waits.status_code == 429
    assert accounts(session) == 1


def test_a_link_to_register_has_its_time(client: FlaskClient, mailbox: Mailbox, later: Callable[[float], None]) -> None:
    post(client, "/register", ADA)
    later(121)

    assert client.get(mailbox.link(), follow_redirects=True).status_code == 410


def test_a_site_that_was_closed_meanwhile_makes_no_account(
    app: Flask, client: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    post(client, "/register", ADA)
    client.get(mailbox.link())
    set_to(app, registration="closed")

    assert post(client, "/register/finish", CHOSEN).status_code == 403
    assert accounts(session) == 1
