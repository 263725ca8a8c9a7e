"""The site with two clinics, made once for all tests of who may do what."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import BytecodeCache
from sqlalchemy.orm import Session

from app import private
from app.extensions import db
from app.factory import create_app
from app.interop.deliveries.destinations import register
from config import Settings
from tests.access.world import World
from tests.conftest import MASTER_KEY
from tests.fakes import FakeClassifiers, FakeDestination


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, _empty_database: Path, _compiled_templates: BytecodeCache
) -> Iterator[World]:
    settings = Settings(
        environment="testing",
        instance=tmp_path_factory.mktemp("clinics"),
        master_key=MASTER_KEY,
        api_requests_per_minute=1_000_000,
        metrics_token="a-token-of-those-who-watch",
    )
    database = settings.instance / "lentigo.sqlite3"
    private.file(database)
    shutil.copyfile(_empty_database, database)
    app = create_app(settings, FakeClassifiers())
    app.jinja_env.bytecode_cache = _compiled_templates
    register(app, FakeDestination())
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        made = World(app, session, app.extensions["storage"], database)
    yield made
    with app.app_context():
        db.engine.dispose()
