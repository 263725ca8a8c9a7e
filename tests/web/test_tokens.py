"""The page of the access tokens: made, shown once, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.api.tokens import services
from app.api.tokens.forms import FOR_EVER
from app.api.tokens.scopes import READ, WRITE
from app.api.tokens.secrets import PREFIX, digest_of, is_well_formed
from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from app.clock import now
from tests.factories import csrf_token, make_token, make_user, post, sign_in
from tests.web.test_history import counted_queries

TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}[0-9a-f]{{8}}")
ONCE = re.compile(r'<input[^>]* name="once"[^>]* value="([^"]+)"')
FIELDS = {"name": "Practice software", "scope": WRITE, "days": "30"}


def rows(session: Session) -> list[AccessToken]:
    session.expire_all()
    return list(session.scalars(select(AccessToken).order_by(AccessToken.id)))


def once(reader: FlaskClient) -> str:
    found = ONCE.search(reader.get("/tokens").text)
    assert found is not None
    return found[1]


def test_a_token_is_made_and_opens_what_it_is_for(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    response = post(reader, "/tokens", FIELDS)

    (token,), (row,) = TOKEN.findall(response.text), rows(session)
    assert response.status_code == 201
    assert is_well_formed(token)
    assert (row.owner_id, row.name, row.scope) == (owner.id, "Practice software", WRITE)
    assert abs(row.expires_at - now() - timedelta(days=30)) < timedelta(minutes=1)
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json["email"] == owner.email


def test_a_token_can_last_until_it_is_revoked(reader: FlaskClient, session: Session) -> None:
    post(reader, "/tokens", {**FIELDS, "days": FOR_EVER})

    assert [row.expires_at for row in rows(session)] == [None]


def test_it_is_shown_once_and_only_its_digest_is_kept(reader: FlaskClient, session: Session) -> None:
    response = post(reader, "/tokens", FIELDS)

    (token,) = TOKEN.findall(response.text)
    assert response.headers["Cache-Control"] == "no-store"
    assert token not in str(response.headers)
    assert TOKEN.search(reader.get("/tokens").text) is None
    kept = session.execute(text("SELECT * FROM access_tokens")).one()
    assert digest_of(token) in kept
    assert token[20:40] not in str(kept)


def test_a_form_that_is_sent_again_makes_no_second_token_and_shows_none(reader: FlaskClient, session: Session) -> None:
    fields = {**FIELDS, "once": once(reader)}

    first, again = (post(reader, "/tokens", fields) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 409)
    assert TOKEN.search(again.text) is None
    assert "was made before" in again.text
    assert len(rows(session)) == 1
    assert post(reader, "/tokens", {**FIELDS, "once": once(reader)}).status_code == 201


@pytest.mark.parametrize("another", [True, False])
def test_a_form_that_was_tampered_with_makes_a_token_of_its_own(
    reader: FlaskClient, session: Session, another: bool
) -> None:
    make_token(session, make_user(session))
    taken = rows(session)[0].public_id if another else "../x"

    response = post(reader, "/tokens", {**FIELDS, "once": taken})

    assert response.status_code == 201
    assert len({row.public_id for row in rows(session)}) == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Please say what the token is for."),
        ("name", "x" * 61, "Please use at most 60 characters."),
        ("name", "Jane\u202e", "Please remove the invisible characters"),
        ("scope", "everything", "Not a valid choice"),
        ("days", "9999", "Not a valid choice"),
    ],
)
def test_what_can_not_be_meant_is_said_and_nothing_is_lost(
    reader: FlaskClient, session: Session, field: str, value: str, sentence: str
) -> None:
    response = post(reader, "/tokens", {**FIELDS, field: value})

    assert response.status_code == 422
    assert sentence in response.text
    assert rows(session) == []
    if field != "name":
        assert 'value="Practice software"' in response.text


def test_there_are_only_so_many(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_TOKENS", 2)
    for _ in range(2):
        make_token(session, owner)

    response = post(reader, "/tokens", FIELDS)

    assert response.status_code == 409
    assert "You have 2 access tokens, which is the most." in response.text
    assert len(rows(session)) == 2


def test_the_list_says_what_each_may_do_and_how_long(reader: FlaskClient, session: Session, owner: User) -> None:
    token = make_token(session, owner, scope=READ)
    make_token(session, owner, lifetime=timedelta(days=-1))
    rows(session)[0].last_used_at = now()
    session.commit()

    html = reader.get("/tokens").text

    assert f"<code>{token[:12]}…</code>" in html
    assert all(words in html for words in ("Lasts until it is revoked.", "Its time was over on", "Last used on"))
    assert html.count("Not used yet.") == 1
    assert re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", html) is None


def test_a_revoked_token_is_gone_and_worth_nothing(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    token = make_token(session, owner)
    (row,) = rows(session)

    response = post(reader, f"/tokens/{row.public_id}/revoke", form="/tokens")

    assert (response.status_code, response.location) == (303, "/tokens")
    assert "is revoked" in reader.get("/tokens").text
    assert rows(session) == []
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_stranger_sees_and_revokes_nothing(client: FlaskClient, session: Session, owner: User) -> None:
    token = make_token(session, owner)
    sign_in(client, make_user(session))

    page = client.get("/tokens").text
    response = post(client, f"/tokens/{rows(session)[0].public_id}/revoke", form="/tokens")

    assert token[:12] not in page
    assert response.status_code == 404
    assert len(rows(session)) == 1


def test_the_anonymous_are_sent_to_sign_in_and_do_nothing(client: FlaskClient, session: Session, owner: User) -> None:
    make_token(session, owner)
    public_id = rows(session)[0].public_id
    csrf = {"csrf_token": csrf_token(client.get("/login").text)}

    answers: list[Any] = [
        client.get("/tokens"),
        client.post("/tokens", data={**FIELDS, **csrf}),
        client.post(f"/tokens/{public_id}/revoke", data=csrf),
    ]

    assert [answer.status_code for answer in answers] == [302] * 3
    assert all(answer.location.startswith("/login") for answer in answers)
    assert len(rows(session)) == 1


def test_a_form_without_its_token_makes_nothing(reader: FlaskClient, session: Session) -> None:
    assert reader.post("/tokens", data=FIELDS).status_code == 400
    assert rows(session) == []


def test_the_preferences_lead_there(reader: FlaskClient) -> None:
    assert 'href="/tokens"' in reader.get("/preferences").text


def test_the_page_asks_the_same_number_of_questions_however_many_there_are(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    def asked() -> int:
        with counted_queries(app) as statements:
            assert reader.get("/tokens").status_code == 200
        return len(statements)

    make_token(session, owner)
    one = asked()
    for _ in range(5):
        make_token(session, owner)

    assert asked() == one == 4
