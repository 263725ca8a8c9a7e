"""A site on which faults are tried: its settings, its two programs, who uses it, and a look into it from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.extensions import db
from app.factory import create_app
from config import Settings
from tests import postgresql
from tests.chaos import programs, senders
from tests.chaos.programs import SIMULATED
from tests.chaos.senders import Clinician, Sender
from tests.conftest import MASTER_KEY
from tests.factories import make_token, make_user
from tests.fakes import FakeClassifiers
from tests.object_store import ObjectStore
from tests.redis_server import RedisServer

ON_SQLITE, ON_SERVERS = "SQLite, folder", "PostgreSQL, Redis, S3"


@dataclass(frozen=True)
class Servers:
    """What a hospital's site stands on."""

    database: postgresql.Server
    queue: RedisServer
    store: ObjectStore


@dataclass
class Site:
    """A site, and what it stands on, if that is more than a folder.

    `app` is another process of it: this one, which looks and sweeps.
    """

    servers: Servers | None
    settings: Settings
    app: Flask
    web: programs.Web
    worker: programs.Program
    email: str
    token: str

    @property
    def ground(self) -> str:
        """What it stands on, in words."""
        return ON_SQLITE if self.servers is None else ON_SERVERS

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open the database, in the context of the application."""
        with self.app.app_context():
            yield db.session()
            db.session.rollback()

    def program(self) -> senders.Program:
        """Return a program that uses the interface."""
        return senders.Program(self.web.address, self.token)

    def clinician(self) -> Clinician:
        """Return somebody at a browser, signed in."""
        return Clinician(self.web.address, self.email)

    def senders(self) -> list[Sender]:
        """Return four who send at once."""
        return [self.program(), self.program(), self.clinician(), self.clinician()]

    def started(self) -> Site:
        """Start both programs, as far as they don't run."""
        self.web.start()
        self.worker.start()
        return self

    def end(self) -> None:
        """End both."""
        self.worker.stop()
        self.web.stop()
        with self.app.app_context():
            db.engine.dispose()


def site_on(folder: Path, application: str = SIMULATED, *, servers: Servers | None = None, **settings: str) -> Site:
    """Return a site with a migrated database, somebody who works there, and nothing started yet."""
    values = {
        "environment": "local",
        "instance": str(folder),
        "master_key": MASTER_KEY,
        "secret_key": "k" * 32,
        "api_requests_per_minute": "100000",
        "log_level": "INFO",
        **settings,
    }
    app = create_app(Settings(**values), FakeClassifiers())
    with app.app_context():
        owner = make_user(db.session())
        token, email = make_token(db.session(), owner), owner.email
        db.session.remove()
    environment = programs.settings_of(**values)
    return Site(
        servers,
        app.config["SETTINGS"],
        app,
        programs.web(environment, folder.parent, application),
        programs.worker(environment, folder.parent, application),
        email,
        token,
    )
