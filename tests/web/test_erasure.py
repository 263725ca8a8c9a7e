"""Erasing a patient: how far it reaches, and that a backup doesn't bring anybody back."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches import services, working
from app.batches.jobs import work
from app.batches.sending.naming import FOLDER, ONE
from app.batches.services import Subject
from app.batches.tables import Batch, BatchItem, original_key
from app.decoding.limits import Limits
from app.erasures.jobs import compare_erasures, file_erasures, unknown
from app.erasures.ledger import path_of
from app.erasures.tables import Erasure
from app.extensions import db
from app.patients.erasure import NOT_KNOWN, erase
from app.patients.services import merge
from app.patients.tables import FormerKeeping, Patient
from app.reports.tables import Report
from app.results.saved_filters.services import save
from app.results.saved_filters.tables import SavedFilter
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings
from tests.factories import make_analysis, make_lesion, make_patient, post
from tests.pictures import lesion_picture, png

PICTURE = png(lesion_picture(1, (96, 80)))


@pytest.fixture
def analysis(session: Session, owner: User, patient: Patient, storage: Storage) -> Analysis:
    lesion = make_lesion(session, patient)
    return make_analysis(session, owner, storage=storage, patient_id=patient.id, lesion_id=lesion.id)


def erased(reader: FlaskClient, patient: Patient) -> Any:
    return post(reader, f"/patients/{patient.public_id}/erase", {"name": patient.name})


def issue(reader: FlaskClient, analysis: Analysis) -> None:
    assert post(reader, f"/results/{analysis.public_id}/reports/new").status_code == 303


def move(reader: FlaskClient, analysis: Analysis, to: Patient) -> None:
    response = post(reader, f"/results/{analysis.public_id}/move/{to.public_id}", {"lesion": "new"})
    assert response.status_code == 303, response.text


def storage_of(reader: FlaskClient) -> Storage:
    return reader.application.extensions["storage"]


def keys(storage: Storage) -> list[str]:
    return [key for key, _ in storage.keys()]  # noqa: SIM118 - no mapping


def make_batch(session: Session, storage: Storage, owner: User, subject: Subject, *files: str) -> Batch:
    """Commit a batch that has been started and that nobody works on."""
    batch = services.create(
        session, author=owner, label="Ingrid Sørensen, spring", model="mobilenetv2-ham7", subject=subject
    )
    items = [services.item_of(storage, batch, path=file, content=PICTURE, limits=Limits()) for file in files]
    services.keep(session, storage, batch, items, most=10)
    for item in items:
        services._say_who(batch, item, None, doubtful=False)
    session.commit()
    return batch


def test_nothing_of_a_patient_is_left_in_any_table_or_file(
    reader: FlaskClient, session: Session, patient: Patient, analysis: Analysis
) -> None:
    app, storage, owner = reader.application, storage_of(reader), session.get_one(User, patient.author_id)
    issue(reader, analysis)
    make_batch(session, storage, owner, Subject(ONE, patient=patient), "ingrid sørensen 1.png")
    make_batch(session, storage, owner, Subject(FOLDER), "Ingrid Sørensen/1.png")
    save(session, owner=owner, name="Hers", query="patient=Ingrid+S%C3%B8rensen")
    session.commit()

    response = erased(reader, patient)

    assert response.status_code == 303
    with app.app_context():
        written = "\n".join(
            str(dict(row))
            for table in db.metadata.sorted_tables
            for row in db.session.execute(select(table)).mappings()
        )
    assert "ngrid" not in written
    assert keys(storage) == []


def test_others_of_the_same_name_keep_what_may_be_theirs(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, storage: Storage
) -> None:
    make_patient(session, owner, birth_year=1990)
    batch = make_batch(session, storage, owner, Subject(FOLDER), "Ingrid Sørensen/1.png", "Cem/1.png")
    save(session, owner=owner, name="Both", query="patient=Ingrid+S%C3%B8rensen")
    session.commit()

    erased(reader, patient)

    session.expire_all()
    assert [item.patient_name for item in session.scalars(select(BatchItem))] == ["Ingrid Sørensen", "Cem"]
    assert batch.label == "Ingrid Sørensen, spring"
    assert session.scalars(select(SavedFilter.name)).all() == ["Both"]


def test_a_photograph_that_a_worker_has_in_hand_becomes_no_test(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, storage: Storage
) -> None:
    app = reader.application
    batch = make_batch(session, storage, owner, Subject(FOLDER), "Ingrid Sørensen/1.png")
    with app.app_context():
        order = working.order_of(db.session(), batch.id, batch.turn)
        assert order is not None
        claim = working.claim(db.session(), order)
        assert claim is not None
        db.session.commit()
        ready = working.answered(storage, claim, Limits())
    erased(reader, patient)

    with app.app_context(), pytest.raises(Exception, match="The batch was deleted"):
        working.keep(db.session(), storage, order, claim, ready)
    with app.app_context():
        work(batch.id, batch.turn)

    session.expire_all()
    assert session.scalars(select(Patient)).all() == []
    assert session.scalars(select(Analysis)).all() == []
    assert original_key(claim.public_id) not in keys(storage)


def test_a_report_in_the_name_of_a_patient_goes_although_its_test_has_been_moved(
    reader: FlaskClient, session: Session, patient: Patient, analysis: Analysis
) -> None:
    storage, owner = storage_of(reader), session.get_one(User, patient.author_id)
    issue(reader, analysis)
    other = make_patient(session, owner, name="Ole Dahl")
    move(reader, analysis, other)
    issue(reader, analysis)

    erased(reader, patient)

    session.expire_all()
    assert ["Ole Dahl" in report.content for report in session.scalars(select(Report))] == [True]
    assert sum("/reports/" in key for key in keys(storage)) == 1
    assert session.get(Analysis, analysis.id) is not None


class Backup:
    """Database and files as they were at one time."""

    def __init__(self, settings: Settings, to: Path) -> None:
        self._database, self._files, self._to = settings.instance / "lentigo.sqlite3", settings.files, to
        to.mkdir()
        with closing(sqlite3.connect(self._database)) as now, closing(sqlite3.connect(to / "database")) as then:
            now.backup(then)
        shutil.copytree(self._files, to / "files")

    def restore(self, app: Flask, session: Session) -> None:
        """Put database and files back; what lies beside them stays as it is."""
        session.close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        for path in self._database.parent.glob("lentigo.sqlite3*"):
            path.unlink()
        shutil.copyfile(self._to / "database", self._database)
        shutil.rmtree(self._files)
        shutil.copytree(self._to / "files", self._files)


@pytest.fixture
def backup(settings: Settings, analysis: Analysis, tmp_path: Path) -> Backup:
    """A real copy of database and files, made while the patient was there."""
    return Backup(settings, tmp_path / "backup")


def apply(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["erasures", "apply", "--yes", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_who_was_erased_is_erased_again_after_an_older_backup_was_restored(
    reader: FlaskClient, session: Session, patient: Patient, backup: Backup
) -> None:
    app, storage = reader.application, storage_of(reader)
    settings = app.config["SETTINGS"]
    erased(reader, patient)
    backup.restore(app, session)
    assert session.scalars(select(Patient.name)).all() == ["Ingrid Sørensen"]
    with app.app_context():
        assert unknown(db.session(), settings) == 3  # patient, lesion, test: in the file, not in the old database

    first, second = apply(app), apply(app)

    session.expire_all()
    assert "1 of kind patient" in first
    assert "Nothing of what is listed was there." in second
    assert session.scalars(select(Patient)).all() == []
    assert session.scalars(select(Analysis)).all() == []
    assert keys(storage) == []
    with app.app_context():
        assert unknown(db.session(), settings) == 0


def test_an_exported_list_does_the_same_where_the_file_was_lost_too(
    reader: FlaskClient, session: Session, patient: Patient, backup: Backup, tmp_path: Path
) -> None:
    app = reader.application
    settings = app.config["SETTINGS"]
    erased(reader, patient)
    exported = tmp_path / "erasures.jsonl"
    app.test_cli_runner().invoke(args=["erasures", "export", str(exported)])
    path_of(settings).unlink()
    backup.restore(app, session)

    told = apply(app, str(exported))

    assert "1 of kind patient" in told
    assert {json.loads(line)["kind"] for line in exported.read_text().splitlines()} == {"patient", "lesion", "test"}
    assert "ngrid" not in exported.read_text()
    assert len(path_of(settings).read_text().splitlines()) == 3


def test_a_test_that_had_been_moved_away_is_kept_with_nobody(
    reader: FlaskClient, session: Session, patient: Patient, analysis: Analysis, backup: Backup
) -> None:
    app, owner = reader.application, session.get_one(User, patient.author_id)
    other, public_id = make_patient(session, owner, name="Ole Dahl"), analysis.public_id
    move(reader, analysis, other)
    erased(reader, patient)
    backup.restore(app, session)

    apply(app)

    session.expire_all()
    (kept,) = session.scalars(select(Analysis))
    assert (kept.public_id, kept.patient_id, kept.lesion_id, kept.patient_name) == (public_id, None, None, NOT_KNOWN)


def test_a_record_that_was_merged_into_an_erased_one_does_not_come_back(
    app: Flask, session: Session, owner: User, patient: Patient, analysis: Analysis
) -> None:
    other = make_patient(session, owner, name="Inga Sørensen")
    former = other.public_id
    session.add(FormerKeeping(analysis_id=analysis.id, patient_id=other.id))
    merge(session, kept=patient, other=other, on=patient.created_at.date())
    with app.app_context():
        erase(session, patient)
        session.commit()

    assert former in session.scalars(select(Erasure.public_id)).all()


def test_a_list_that_is_not_one_erases_nothing(app: Flask, session: Session, patient: Patient, tmp_path: Path) -> None:
    file = tmp_path / "list"
    good = json.dumps({"kind": "patient", "id": patient.public_id, "erased_at": "2026-01-01T00:00:00+00:00"})
    file.write_text(f"{good}\n{{}}\n")

    result = app.test_cli_runner().invoke(args=["erasures", "apply", "--yes", str(file)])

    assert result.exit_code == 1
    assert "Line 2" in result.output
    assert session.scalars(select(Patient)).all() == [patient]


def test_what_could_not_be_filed_is_filed_later_and_a_torn_line_spoils_no_other(
    app: Flask, reader: FlaskClient, session: Session, patient: Patient, settings: Settings
) -> None:
    path_of(settings).mkdir()
    erased(reader, patient)
    assert session.scalars(select(Erasure.filed_at)).all() == [None]
    path_of(settings).rmdir()
    path_of(settings).write_text('{"kind": "pat')

    with app.app_context():
        compare_erasures()
        file_erasures()
        lines = path_of(settings).read_text().splitlines()
        assert len(lines) == 2
        assert json.loads(lines[1])["id"] == patient.public_id
        db.session.execute(delete(Erasure))
        assert unknown(db.session(), settings) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind": "patient", "id": "abcdefghijkl", "erased_at": "0001-01-01T00:00:00+23:59"}',
    ],
    ids=["no text", "deep", "before all time"],
)
def test_no_line_that_somebody_has_put_in_hides_what_the_file_knows(
    app: Flask, session: Session, patient: Patient, settings: Settings, line: bytes
) -> None:
    good = {"kind": "patient", "id": patient.public_id, "erased_at": "2026-01-01T00:00:00+00:00"}
    path_of(settings).write_bytes(line + b"\n" + json.dumps(good).encode() + b"\n")

    with app.app_context():
        missing = unknown(db.session(), settings)
    given = app.test_cli_runner().invoke(args=["erasures", "apply", "--yes", str(path_of(settings))])

    assert missing == 1
    assert "Line 1" in given.output
    assert "Nothing was erased." in given.output
    assert session.scalars(select(Patient)).all() == [patient]
