"""What holds for every operation of the API, whoever adds one."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.api.openapi import Described, operations_in
from app.api.tokens.scopes import ORDER
from app.auth.tables import User
from config import Settings
from tests.api.conftest import Program
from tests.factories import make_token


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_requests_per_minute": 1000})


@pytest.fixture
def closed(app: Flask) -> list[Described]:
    return [described for described in operations_in(app) if described.operation.scope is not None]


def address_of(described: Described) -> str:
    return described.address.removeprefix("/api/v1").format(**dict.fromkeys(described.variables, "any"))


def test_without_a_token_none_does_anything(app: Flask, closed: list[Described]) -> None:
    client = app.test_client()

    for described in closed:
        response = client.open(f"/api/v1{address_of(described)}", method=described.method)

        assert response.status_code == 401, described.endpoint


def test_each_asks_for_its_scope(app: Flask, session: Session, owner: User, closed: list[Described]) -> None:
    programs = {scope: Program(app.test_client(), make_token(session, owner, scope=scope)) for scope in ORDER}

    for described in closed:
        scope = described.operation.scope
        lower = ORDER[: ORDER.index(scope)]
        found = {held: programs[held].send(described.method, address_of(described)).status_code for held in lower}

        assert found == dict.fromkeys(lower, 403), described.endpoint


def test_each_is_described_with_a_sentence(closed: list[Described]) -> None:
    assert [described.endpoint for described in closed if not described.text.endswith(".")] == []
