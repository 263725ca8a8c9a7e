"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import private
from app.extensions import db
from app.factory import create_app
from app.storage import Storage
from config import Settings
from tests.fakes import FakeClassifiers

MASTER_KEY = "A" * 43 + "="  # of all tests: they begin with copies of one database

# the same examples everywhere, on slow machines too
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LENTIGO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="testing", instance=tmp_path / "instance", master_key=MASTER_KEY)


@pytest.fixture
def classifiers() -> FakeClassifiers:
    return FakeClassifiers()


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, made once: each test works on a copy."""
    instance = tmp_path_factory.mktemp("database")
    app = create_app(Settings(environment="testing", instance=instance, master_key=MASTER_KEY), FakeClassifiers())
    with app.app_context():
        upgrade()
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
    return instance / "lentigo.sqlite3"


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings,
    classifiers: FakeClassifiers,
    _empty_database: Path,
    _compiled_templates: BytecodeCache,
) -> Iterator[Flask]:
    private.file(settings.instance / "lentigo.sqlite3")
    shutil.copyfile(_empty_database, settings.instance / "lentigo.sqlite3")
    app = create_app(settings, classifiers)
    app.jinja_env.bytecode_cache = _compiled_templates
    # No context stays open: requests would share its `g`, and with it who is signed in.
    yield app
    with app.app_context():
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
