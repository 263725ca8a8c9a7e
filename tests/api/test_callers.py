"""Who may call the API: tokens, scopes, how often; and that the session cookie is worth nothing there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.operation import operation
from app.api.tokens.scopes import ADMIN, READ, WRITE
from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from config import Settings
from tests.api.conftest import Program
from tests.factories import make_token, sign_in


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_requests_per_minute": 3})


@pytest.fixture(autouse=True)
def _things(app: Flask) -> None:
    """An operation for each scope."""
    for scope in (READ, WRITE, ADMIN):
        view = operation("Do a thing", scope=scope, answers={204: None})(lambda: None)
        app.add_url_rule(f"/api/v1/{scope}", f"thing_{scope}", view)


def test_a_token_opens_what_its_scope_includes(app: Flask, session: Session, owner: User) -> None:
    for held, statuses in ((READ, [204, 403, 403]), (WRITE, [204, 204, 403]), (ADMIN, [204, 204, 204])):
        program = Program(app.test_client(), make_token(session, owner, scope=held))

        found = [program.get(f"/{needed}").status_code for needed in (READ, WRITE, ADMIN)]

        assert found == statuses


def test_what_a_scope_lacks_is_said(app: Flask, session: Session, owner: User) -> None:
    response = Program(app.test_client(), make_token(session, owner, scope=READ)).get("/write")

    assert response.json["type"] == "/api/docs#scope-insufficient"
    assert 'error="insufficient_scope", scope="write"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({}, "token-missing"),
        ({"Authorization": "Basic YTpi"}, "token-missing"),
        ({"Authorization": "Bearer"}, "token-missing"),
        ({"Authorization": "Bearer lentigo_mistyped"}, "token-invalid"),
    ],
)
def test_without_a_valid_token_nothing_is_answered(client: FlaskClient, sent: dict[str, str], kind: str) -> None:
    response = client.get("/api/v1/read", headers=sent)

    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.json["type"] == f"/api/docs#{kind}"
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="Lentigo"')


def test_a_token_ends_with_its_time(app: Flask, session: Session, owner: User) -> None:
    token = make_token(session, owner, scope=READ, lifetime=timedelta(seconds=-1))

    response = Program(app.test_client(), token).get("/read")

    assert response.status_code == 401
    assert "The time of this access token is over" in response.json["detail"]


def test_a_revoked_token_is_worth_nothing(program: Program, session: Session) -> None:
    assert program.get("/read").status_code == 204
    session.delete(session.scalars(select(AccessToken)).one())
    session.commit()

    assert program.get("/read").status_code == 401


def test_a_session_cookie_is_worth_nothing_here_and_a_token_nothing_elsewhere(
    client: FlaskClient, app: Flask, session: Session, owner: User
) -> None:
    sign_in(client, owner)
    token = make_token(session, owner)

    with_cookie = client.get("/api/v1/read")
    with_token = app.test_client().get("/previous_tests", headers={"Authorization": f"Bearer {token}"})

    assert with_cookie.status_code == 401
    assert with_token.status_code == 302
    assert client.get("/previous_tests").status_code == 200


def test_requests_are_counted_and_those_too_many_wait(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.callers.now", lambda: datetime(2026, 3, 14, 9, 26, 50, tzinfo=UTC))

    answers = [program.get("/read") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [204, 204, 204, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"token";q=3;w=60'
    assert [answer.headers["RateLimit"] for answer in answers] == [f'"token";r={left};t=10' for left in (2, 1, 0, 0)]
    assert answers[3].headers["Retry-After"] == "10"


def test_the_next_minute_begins_anew(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([datetime(2026, 3, 14, 9, 26, 59, tzinfo=UTC), datetime(2026, 3, 14, 9, 27, 1, tzinfo=UTC)])
    monkeypatch.setattr("app.api.callers.now", lambda: next(moments))

    answers = [program.get("/read") for _ in range(2)]

    assert [answer.headers["RateLimit"] for answer in answers] == ['"token";r=2;t=1', '"token";r=2;t=59']


def test_the_use_of_a_token_is_noted(program: Program, session: Session) -> None:
    program.get("/read")

    assert session.scalars(select(AccessToken.last_used_at)).one() is not None
