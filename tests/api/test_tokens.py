"""Access tokens as programs see them: whose one is, which there are, and how one is revoked."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.tokens.scopes import ADMIN, READ
from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from tests.api.conftest import Program
from tests.factories import make_token


def test_a_token_says_whose_it_is_and_what_it_may_do(app: Flask, session: Session, owner: User) -> None:
    token = make_token(session, owner, scope=READ, lifetime=timedelta(days=1))

    answer = Program(app.test_client(), token).get("/me")

    assert answer.json.items() >= {"name": "Ada Berg", "email": owner.email}.items()
    expected = {"scope": READ, "beginning": token[:12], "expired": False}
    assert answer.json["token"].items() >= expected.items()
    assert token not in answer.text


def test_own_tokens_are_listed_page_by_page_and_no_others(
    program: Program, stranger: Program, session: Session, owner: User
) -> None:
    tokens = [make_token(session, owner, scope=READ) for _ in range(3)]

    pages = program.walk("/tokens", limit=3)

    assert [[row["scope"] for row in page] for page in pages] == [[READ] * 3, [ADMIN]]
    assert [row["beginning"] for row in pages[0]] == [token[:12] for token in reversed(tokens)]
    assert len(stranger.walk("/tokens")[0]) == 1


def test_a_revoked_token_is_worth_nothing_at_once(app: Flask, program: Program, session: Session, owner: User) -> None:
    other = Program(app.test_client(), make_token(session, owner))
    own, revoked = (each.get("/me").json["token"]["id"] for each in (program, other))

    assert program.delete(f"/tokens/{revoked}").status_code == 204

    assert other.get("/me").status_code == 401
    assert program.delete(f"/tokens/{own}").status_code == 204
    assert program.get("/me").status_code == 401


def test_a_stranger_revokes_nothing(program: Program, stranger: Program, session: Session) -> None:
    token = program.get("/me").json["token"]["id"]

    answer = stranger.delete(f"/tokens/{token}")

    assert answer.status_code == 404
    assert len(session.scalars(select(AccessToken)).all()) == 2
