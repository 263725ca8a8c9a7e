"""What every test may ask for."""

from __future__ import annotations

import io
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import logs, private
from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.factory import create_app
from app.patients.tables import Patient
from app.storage import Storage
from config import Settings
from tests.factories import make_patient, make_user, sign_in
from tests.fakes import FakeClassifiers
from tests.object_store import ObjectStore, prefix_of
from tests.object_store import running as object_store_running
from tests.postgresql import Server, running
from tests.redis_server import RedisServer
from tests.redis_server import running as redis_server_running

MASTER_KEY = "A" * 43 + "="  # of all tests: they begin with copies of one database
TESTS_ON = os.environ.get("TESTS_ON", "").split(",")
ON_POSTGRESQL = "postgresql" in TESTS_ON  # in place of SQLite
ON_OBJECT_STORE = "s3" in TESTS_ON  # in place of the folder

# the same examples everywhere, on slow machines too
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LENTIGO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def on_postgresql() -> bool:
    """Whether the database is one of PostgreSQL, in place of SQLite: a module may say so of its tests."""
    return ON_POSTGRESQL


@pytest.fixture
def on_object_store() -> bool:
    """Whether files are kept in an object store, in place of the folder: a test may say so of itself."""
    return ON_OBJECT_STORE


@pytest.fixture
def settings(
    tmp_path: Path, on_postgresql: bool, on_object_store: bool, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    elsewhere = request.getfixturevalue("object_store").settings() if on_object_store else {}
    settings = Settings(environment="testing", instance=tmp_path / "instance", master_key=MASTER_KEY, **elsewhere)
    if not on_postgresql:
        yield settings
        return
    server, name = request.getfixturevalue("postgresql_server"), secrets.token_hex(8)
    empty = "app" not in request.fixturenames
    address = server.make(name) if empty else server.make(name, request.getfixturevalue("_postgresql_template"))
    yield settings.model_copy(update={"database_url": address})
    server.drop(name)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with redis_server_running() as server:
        yield server


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def queue_url(request: pytest.FixtureRequest) -> str | None:
    """The address of a queue: a test that asks for it is run on each engine."""
    match request.param:
        case "redis":
            return request.getfixturevalue("redis_server").address()
        case "postgresql":
            return request.getfixturevalue("postgresql_server").address("postgres")
        case _:
            return None


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    with object_store_running() as store:
        yield store


@pytest.fixture
def classifiers() -> FakeClassifiers:
    return FakeClassifiers()


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, made once: each test works on a copy."""
    instance = tmp_path_factory.mktemp("database")
    with _migrated(Settings(environment="testing", instance=instance, master_key=MASTER_KEY)):
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return instance / "lentigo.sqlite3"


@pytest.fixture(scope="session")
def _postgresql_template(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> str:
    """Return the name of such a database of PostgreSQL."""
    name, instance = "template", tmp_path_factory.mktemp("instance")
    address = postgresql_server.make(name)
    with _migrated(Settings(environment="testing", instance=instance, master_key=MASTER_KEY, database_url=address)):
        return name


@contextmanager
def _migrated(settings: Settings) -> Iterator[None]:
    with create_app(settings, FakeClassifiers()).app_context():
        upgrade()
        yield
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings,
    classifiers: FakeClassifiers,
    on_postgresql: bool,
    _compiled_templates: BytecodeCache,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    if not on_postgresql:
        private.file(settings.instance / "lentigo.sqlite3")
        shutil.copyfile(request.getfixturevalue("_empty_database"), settings.instance / "lentigo.sqlite3")
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


@pytest.fixture
def age(settings: Settings, on_object_store: bool, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return what has a stored file look as if it had been written earlier."""
    if on_object_store:
        store, prefix = request.getfixturevalue("object_store"), prefix_of(settings)
        return lambda key, by=timedelta(hours=2): store.age(prefix + key, by)

    def in_the_folder(key: str, by: timedelta = timedelta(hours=2)) -> None:
        moment = (now() - by).timestamp()
        os.utime(settings.files / key, (moment, moment))

    return in_the_folder


@pytest.fixture
def written(app: Flask) -> Iterator[io.StringIO]:
    """Everything that is logged, by whomever, at the lowest level, as it is written in production."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers, root.level
    logs._write_to_stderr("DEBUG", as_json=True)
    handler = next(each for each in root.handlers if each.name == logs.HANDLER)
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers = before
    root.setLevel(level)


@pytest.fixture
def owner(session: Session) -> User:
    """Somebody with an account, and a clinic of one's own."""
    return make_user(session)


@pytest.fixture
def reader(client: FlaskClient, owner: User) -> FlaskClient:
    """The owner's browser, signed in."""
    sign_in(client, owner)
    return client


@pytest.fixture
def patient(session: Session, owner: User) -> Patient:
    return make_patient(session, owner)
