"""A forgotten password: asked for, mailed, chosen once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app.api.tokens.tables import AccessToken
from app.auth.links.tables import Link
from app.auth.tables import SignIn, User
from app.mail import OutgoingMail
from config import Settings
from tests.factories import PASSWORD, csrf_token, make_token, make_user, post, sign_in
from tests.mailbox import SENDING, Mailbox, opened
from tests.postgresql import on_both
from tests.web.test_auth import without
from tests.web.test_history import counted_queries

NEW = "three boats on the water"
CHOSEN = {"password": NEW, "confirm": NEW}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update=SENDING)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    return opened(monkeypatch)


@pytest.fixture
def link(client: FlaskClient, owner: User, mailbox: Mailbox) -> str:
    """The path of a link that was mailed to the owner."""
    post(client, "/forgotten", {"email": owner.email})
    return mailbox.link()


def chosen(client: FlaskClient, link: str, **fields: str) -> int:
    """Open a link and choose another password; return the status of the answer."""
    client.get(link)
    page = client.get("/reset")
    if page.status_code != 200:
        return int(page.status_code)
    data = {**CHOSEN, **fields, "csrf_token": csrf_token(page.text)}
    return int(client.post("/reset", data=data).status_code)


def test_another_password_is_chosen_by_the_link(
    app: Flask, client: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, owner)
    make_token(session, owner)
    post(client, "/forgotten", {"email": owner.email})

    status = chosen(client, mailbox.link())

    assert status == 303
    assert client.get("/index").status_code == 302  # the new password is asked for, and with it a second step
    assert elsewhere.get("/index").status_code == 302
    assert post(client, "/login", {"email": owner.email, "password": PASSWORD}).status_code == 422
    assert post(client, "/login", {"email": owner.email, "password": NEW}).status_code == 303
    assert session.scalar(select(func.count(AccessToken.id))) == 1
    assert mailbox.subjects == ["Choose a new password for Lentigo", "Your Lentigo password was changed"]


def test_access_tokens_are_revoked_if_that_is_wanted(
    client: FlaskClient, session: Session, owner: User, link: str
) -> None:
    make_token(session, owner)

    chosen(client, link, programs_too="y")

    assert session.scalar(select(func.count(AccessToken.id))) == 0


def test_who_has_no_account_gets_the_same_answer_and_no_mail(
    client: FlaskClient, session: Session, mailbox: Mailbox
) -> None:
    user = make_user(session, email="known_@clinic.example")
    disabled = make_user(session, email="former@clinic.example")
    disabled.disabled_at = disabled.created_at
    session.commit()
    answers = []

    for email in (user.email, "nobody@clinic.example", disabled.email):
        response = post(client, "/forgotten", {"email": email})
        page = client.get(response.location)
        answers.append((response.status_code, response.location, without(page.text)))

    assert answers[0] == answers[1] == answers[2]
    assert [address for address, _ in mailbox.letters] == [user.email]


def test_the_answer_waits_for_no_look_at_the_account(
    app: Flask, client: FlaskClient, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app.extensions["queue"], "send", lambda name, _args, _kwargs: sent.append(name))
    statements = []

    for email in (owner.email, "nobody@clinic.example"):
        token = csrf_token(client.get("/forgotten").text)
        with counted_queries(app) as queries:
            client.post("/forgotten", data={"email": email, "csrf_token": token})
        statements.append(list(queries))

    assert [len(queries) for queries in statements] == [len(statements[0])] * 2
    assert sent == ["app.mail.jobs.deliver"] * 2


def test_neither_the_row_nor_the_queue_nor_a_log_holds_the_token(
    app: Flask, client: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    queued: list[object] = []
    queue = app.extensions["queue"]
    send = queue.send
    queue.send = lambda *job: (queued.append(job), send(*job))

    with capture_logs() as lines:
        post(client, "/forgotten", {"email": owner.email})
        chosen(client, mailbox.link(0))
    token = mailbox.link(0).rpartition("/")[2]

    assert queued
    assert token not in str(queued)
    assert token not in str(lines)
    assert "/reset/<token>" in str(lines)
    assert session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_a_link_opens_nothing_twice(client: FlaskClient, link: str) -> None:
    assert [chosen(client, link), chosen(client, link)] == [303, 410]


def test_opening_a_link_uses_nothing_up(app: Flask, client: FlaskClient, link: str) -> None:
    app.test_client().get(link, follow_redirects=True)  # as programs do that look into mail

    assert chosen(client, link) == 303


def test_a_weak_password_uses_nothing_up_either(client: FlaskClient, link: str) -> None:
    assert chosen(client, link, password="passwordpassword", confirm="passwordpassword") == 422
    assert chosen(client, link) == 303


@on_both
def test_of_two_who_use_a_link_at_once_one_succeeds(app: Flask, session: Session, owner: User, link: str) -> None:
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.get(link)
    tokens = [csrf_token(client.get("/reset").text) for client in clients]

    def choose(number: int) -> int:
        password = f"three boats on water {number}"
        data = {"password": password, "confirm": password, "csrf_token": tokens[number]}
        return int(clients[number].post("/reset", data=data).status_code)

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(choose, range(2)))

    assert statuses == [303, 410]


def test_a_link_is_good_for_half_an_hour(client: FlaskClient, link: str, later: Callable[[float], None]) -> None:
    later(31)

    assert chosen(client, link) == 410


def test_a_later_link_takes_the_place_of_an_earlier(
    client: FlaskClient, owner: User, link: str, mailbox: Mailbox
) -> None:
    post(client, "/forgotten", {"email": owner.email})

    assert chosen(client, link) == 410
    assert chosen(client, mailbox.link()) == 303


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "é"])
def test_a_made_up_link_opens_nothing(client: FlaskClient, link: str, token: str) -> None:
    assert chosen(client, f"/reset/{token}") == 410


def test_the_page_without_a_link_opens_nothing(client: FlaskClient, session: Session, owner: User) -> None:
    session.add(Link(purpose="reset", user_id=owner.id, expires_at=owner.created_at.replace(year=2999)))
    session.commit()

    assert client.get("/reset").status_code == 410  # not even that of a link whose mail has not been sent


def test_no_header_of_the_request_decides_where_the_link_leads(
    client: FlaskClient, owner: User, mailbox: Mailbox
) -> None:
    token = csrf_token(client.get("/forgotten").text)
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-Host": "evil.example"}

    client.post("/forgotten", data={"email": owner.email, "csrf_token": token}, headers=forged)

    assert "evil.example" not in mailbox.letters[0][1].text
    assert mailbox.link().startswith("/reset/")


def test_asking_signs_nobody_out_and_changes_no_password(
    app: Flask, client: FlaskClient, session: Session, owner: User, mailbox: Mailbox
) -> None:
    sign_in(client, owner)

    for _ in range(8):
        post(app.test_client(), "/forgotten", {"email": owner.email})

    assert client.get("/index").status_code == 200
    assert session.scalar(select(func.count(SignIn.id))) == 1
    assert len(mailbox.letters) == 5  # and no more than that: the last of them can be used
    assert chosen(app.test_client(), mailbox.link()) == 303


def test_whoever_asks_for_many_has_to_wait(app: Flask, settings: Settings, mailbox: Mailbox) -> None:
    client = app.test_client()
    statuses = [
        post(client, "/forgotten", {"email": f"person{number}@clinic.example"}).status_code
        for number in range(settings.sign_in_failures_address + 1)
    ]

    assert statuses == [303] * settings.sign_in_failures_address + [429]


def test_where_no_mail_is_sent_the_page_says_so(app: Flask, client: FlaskClient) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"mail_url": None})

    assert "This site sends no mail." in client.get("/forgotten").text
