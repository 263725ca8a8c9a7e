"""Who looks at the pages of patients, lesions and what is kept with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth import presence, proof, sessions
from app.auth.links import services as links
from app.auth.tables import User
from app.clock import now
from app.patients.tables import Patient
from tests.factories import make_patient, make_user, sign_in


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session)


@pytest.fixture
def reader(client: FlaskClient, owner: User) -> FlaskClient:
    """The owner's browser, signed in."""
    sign_in(client, owner)
    return client


@pytest.fixture
def patient(session: Session, owner: User) -> Patient:
    return make_patient(session, owner)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock that sign-ins are measured by to so many minutes from now."""

    def move(minutes: float) -> None:
        moment = now() + timedelta(minutes=minutes)
        for module in (links, presence, proof, sessions):
            monkeypatch.setattr(module, "now", lambda: moment)

    return move
