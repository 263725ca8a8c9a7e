"""Who calls the API: the owner's program, and a stranger's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.api.tokens.scopes import ADMIN
from app.auth.tables import User
from tests.factories import make_token, make_user


class Program:
    """A client that sends a token with every request."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.token = token
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, address: str, **options: Any) -> TestResponse:
        headers = {**self._headers, **options.pop("headers", {})}
        return self._client.open(f"/api/v1{address}", method=method, headers=headers, **options)

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.send("GET", address, **options)

    def post(self, address: str, **options: Any) -> TestResponse:
        return self.send("POST", address, **options)

    def put(self, address: str, **options: Any) -> TestResponse:
        return self.send("PUT", address, **options)

    def patch(self, address: str, **options: Any) -> TestResponse:
        return self.send("PATCH", address, **options)

    def delete(self, address: str, **options: Any) -> TestResponse:
        return self.send("DELETE", address, **options)

    def walk(self, address: str, **query: Any) -> list[list[Any]]:
        """Follow a list to its end; return its pages."""
        pages, cursor = [], None
        while not pages or cursor:
            page = self.get(address, query_string=query | ({"cursor": cursor} if cursor else {})).json
            pages.append(page["items"])
            cursor = page["next"]
        return pages


@pytest.fixture
def program(app: Flask, session: Session, owner: User) -> Program:
    """The owner's program, which may do everything."""
    return Program(app.test_client(), make_token(session, owner, scope=ADMIN))


@pytest.fixture
def stranger(app: Flask, session: Session) -> Program:
    """A program of somebody else."""
    return Program(app.test_client(), make_token(session, make_user(session), scope=ADMIN))
