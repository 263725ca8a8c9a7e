"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.extensions import db
from app.factory import create_app
from app.storage import Storage
from config import Settings
from tests.fakes import FakeClassifiers


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LENTIGO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="testing", instance=tmp_path / "instance")


@pytest.fixture
def classifiers() -> FakeClassifiers:
    return FakeClassifiers()


@pytest.fixture
def app(settings: Settings, classifiers: FakeClassifiers) -> Iterator[Flask]:
    app = create_app(settings, classifiers)
    with app.app_context():
        db.create_all()
    # The context must not stay open: requests would share its `g`, and with it who is signed in.
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of the test's own; after a request, `session.expire_all()` shows what it did."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


@pytest.fixture
def storage(app: Flask) -> Storage:
    return app.extensions["storage"]
