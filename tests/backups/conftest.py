"""A site with something of everything, a folder for its backups, and empty sites to restore them to."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import private
from app.auth.tables import User
from app.backups.rows import NOT_COPIED, lines_of, shapes_of, snapshot
from app.batches.tables import Batch, BatchItem, original_key
from app.extensions import db
from app.factory import create_app
from app.storage.encryption import EncryptedStorage
from config import Settings
from tests.conftest import MASTER_KEY
from tests.factories import belonging_to, make_analysis, make_app, make_lesion, make_patient, post
from tests.fakes import FakeClassifiers

LATER = {"backups_made", "audit_events", "audit_heads"}  # what making and restoring a backup adds to


@dataclass(frozen=True)
class Other:
    """A site that nothing was ever done with."""

    app: Flask
    settings: Settings

    def run(self, *args: str, typed: str | None = None) -> Result:
        return self.app.test_cli_runner().invoke(args=list(args), input=typed)


@dataclass(frozen=True)
class Site(Other):
    """A site with something of everything, which runs, and the folder of its backups."""

    browser: FlaskClient
    session: Session
    owner: User
    folder: Path

    @property
    def target(self) -> str:
        """Where its backups are: in the object store where its files are, else in the folder."""
        store = self.settings.storage_url
        return str(self.folder) if store is None else f"{store}-backups"

    @property
    def storage(self) -> EncryptedStorage:
        return self.app.extensions["storage"]

    def back_up(self) -> str:
        """Make a backup, and return what it is called."""
        result = self.run("backup", self.target)
        assert result.exit_code == 0, result.output
        return result.output.split()[1].rstrip(":")


@pytest.fixture
def site(app: Flask, settings: Settings, used: FlaskClient, session: Session, owner: User, tmp_path: Path) -> Site:  # noqa: PLR0917 - what it is made of
    return Site(app, settings, used, session, owner, tmp_path / "backups")


@pytest.fixture
def used(reader: FlaskClient, session: Session, owner: User, storage: EncryptedStorage) -> FlaskClient:
    """The owner's browser, of a site with patients, photographs, a report, a second step and a batch that waits."""
    make_app(session, owner)
    for number in range(3):
        patient = make_patient(session, owner, name=f"Ingrid Sørensen {number}", notes="Bled.\n🙂")
        lesion = make_lesion(session, patient)
        analysis = make_analysis(session, owner, storage=storage, patient_id=patient.id, lesion_id=lesion.id)
    assert post(reader, f"/results/{analysis.public_id}/reports/new").status_code == 303
    batch = Batch(**belonging_to(owner), model_name="m", naming="one", rows=[[1, "Ada", None]], unmatched=["b.jpg"])
    session.add(batch)
    session.flush()
    session.add(BatchItem(batch_id=batch.id, public_id="waiting1", key="a", name="a.jpg", kept=True))
    session.commit()
    storage.put(original_key("waiting1"), b"a photograph as it was sent")
    return reader


@pytest.fixture
def empty_site(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Other]]:
    """Return what makes an empty site: on SQLite or PostgreSQL, with the tests' master key or another."""
    apps: list[Flask] = []

    def made(*, on_postgresql: bool = False, **more: object) -> Other:
        instance = tmp_path / secrets.token_hex(4)
        address = None
        if on_postgresql:
            address = request.getfixturevalue("postgresql_server").make(instance.name)
        settings = Settings(
            **{
                "environment": "testing",
                "instance": instance,
                "master_key": MASTER_KEY,
                "database_url": address,
                **more,
            }
        )
        if not on_postgresql:  # its tables are made already, which takes a while
            private.file(instance / "lentigo.sqlite3")
            shutil.copyfile(request.getfixturevalue("_empty_database"), instance / "lentigo.sqlite3")
        apps.append(create_app(settings, FakeClassifiers()))
        return Other(apps[-1], settings)

    yield made
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def rows_of(app: Flask, *, but: set[str] = frozenset()) -> dict[str, list[bytes]]:
    """Return every row of a site's database, in a form that both databases share."""
    with app.app_context(), snapshot(db.engine) as connection:
        return {
            shape.name: sorted(lines_of(connection, shape))
            for shape in shapes_of(connection)
            if shape.name not in {*but, *NOT_COPIED}
        }


def objects_of(app: Flask) -> dict[str, bytes]:
    """Return every object of a site, as it is kept."""
    storage: EncryptedStorage = app.extensions["storage"]
    return {key: storage.sealed(key) for key, _ in storage.keys("")}


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def in_context(app: Flask) -> Iterator[Session]:
    with app.app_context():
        yield db.session()
        db.session.remove()
