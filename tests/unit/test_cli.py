"""Administration commands."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.factory import create_app
from config import Settings
from tests.fakes import FakeClassifiers

PASSWORD = "a long walk by the lake"
CREATE = ["users", "create", "ada@clinic.example", "--name", "Ada Berg"]


def test_it_creates_an_account_and_asks_for_the_password(app: Flask, session: Session) -> None:
    result = app.test_cli_runner().invoke(args=CREATE, input=f"{PASSWORD}\n{PASSWORD}\n")

    user = session.scalars(select(User)).one()
    assert (result.exit_code, user.email, user.name) == (0, "ada@clinic.example", "Ada Berg")
    assert PASSWORD not in result.output


def test_it_reads_the_password_from_standard_input(app: Flask, session: Session) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")

    assert result.exit_code == 0
    assert session.scalars(select(User)).one().email == "ada@clinic.example"


def test_the_account_can_sign_in(app: Flask) -> None:
    from tests.factories import post

    app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")

    response = post(app.test_client(), "/login", {"email": "ada@clinic.example", "password": PASSWORD})

    assert response.status_code in {302, 303}


@pytest.mark.parametrize(
    ("args", "password", "sentence"),
    [
        (["users", "create", "ada", "--name", "Ada"], PASSWORD, "not an e-mail address"),
        (CREATE, "short", "at least 15 characters"),
        (CREATE, "ada.berg@clinic.example", "too easy to guess"),
    ],
)
def test_it_refuses_what_the_form_would_refuse(
    app: Flask, session: Session, args: list[str], password: str, sentence: str
) -> None:
    result = app.test_cli_runner().invoke(args=[*args, "--password-stdin"], input=f"{password}\n")

    assert result.exit_code != 0
    assert sentence in result.output
    assert session.scalars(select(User)).all() == []


def test_it_says_that_an_account_exists(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")

    result = runner.invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert "already an account" in result.output


def test_a_worker_says_what_to_do_about_a_damaged_queue(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"environment": "local"}), FakeClassifiers())
    settings.queue.write_bytes(b"no database at all, but long enough to look like one" * 40)

    result = app.test_cli_runner().invoke(args=["worker"])

    assert result.exit_code == 1
    assert "The queue can't be opened: file is not a database. Move its file" in result.output
