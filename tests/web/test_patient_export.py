"""Everything about one patient in a file."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tracemalloc
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import BatchItem
from app.interop.deliveries.tables import Delivery
from app.interop.dicom.tables import ArchivePhotograph
from app.patients.consents.tables import Consent
from app.patients.erasure import erase
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion, Patient
from app.reports.tables import Report
from app.results.outlines.tables import LesionOutline, Scale
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from app.rights.export import schemas
from app.rights.export.writing import everything_of
from app.storage import Storage
from tests.factories import (
    make_analysis,
    make_follow_up,
    make_lesion,
    make_outline,
    make_patient,
    make_user,
    post,
    sign_in,
)

OURS = {"id", "owner_id", "clinic_id", "patient_id", "lesion_id", "analysis_id", "author_id", "batch_id"}
LEFT_OUT: dict[type[Any], tuple[type[Any], set[str]]] = {  # keys, folded forms, and what the queue needs
    Patient: (schemas.ExportedPatient, {"name_key"}),
    Lesion: (schemas.ExportedLesion, set()),
    FollowUp: (schemas.ExportedFollowUp, set()),
    Consent: (schemas.ExportedConsent, set()),
    Analysis: (schemas.ExportedTest, {"patient_key", "submission", "suspicion"}),
    LesionOutline: (schemas.ExportedOutline, set()),
    Scale: (schemas.ExportedScale, set()),
    Verdict: (schemas.ExportedVerdict, set()),
    ArchivePhotograph: (schemas.ExportedNature, set()),
    Delivery: (schemas.ExportedDelivery, {"next_attempt_at", "leased_until"}),
    BatchItem: (
        schemas.ExportedWaiting,
        {"key", "retryable", "kept", "attempts", "leased_until", "started_at", "finished_at"},
    ),
    Report: (  # what it says, and was made from, stands in its file
        schemas.ExportedReport,
        {"content", "text_sha256", "photograph_sha256", "classifier", "preprocessing", "network_sha256", "threshold"},
    ),
}


@pytest.fixture
def analysis(session: Session, owner: User, patient: Patient, storage: Storage) -> Analysis:
    lesion = make_lesion(session, patient)
    make_follow_up(session, owner, lesion)
    made = make_analysis(session, owner, storage=storage, patient_id=patient.id, lesion_id=lesion.id)
    make_outline(session, made)
    give(session, made, author=owner, kind=DIAGNOSIS, label="nv", basis="histology")
    give(session, made, author=owner, kind=DIAGNOSIS, label=None)
    session.commit()
    return made


def archive_of(client: FlaskClient, patient: Patient) -> zipfile.ZipFile:
    response = post(client, f"/patients/{patient.public_id}/export")
    assert response.status_code == 200, response.text
    return zipfile.ZipFile(io.BytesIO(response.data))


def record_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(archive.read("patient.json"))
    return record


def test_it_holds_the_record_the_pictures_and_the_reports_and_says_what_they_are(
    reader: FlaskClient, patient: Patient, analysis: Analysis
) -> None:
    post(reader, f"/results/{analysis.public_id}/reports/new")

    archive = archive_of(reader, patient)

    record, owner_name = record_of(archive), "Ada Berg"
    (test,) = record["tests"]
    TypeAdapter(schemas.ExportedPatient).validate_python(record)
    assert (record["name"], record["lesions"][0]["label"]) == ("Ingrid Sørensen", "Left shoulder")
    assert len(record["lesions"][0]["follow_ups"]) == 1
    assert [verdict["label"] for verdict in test["verdicts"]] == ["nv", None]
    assert test["probabilities"]["nv"] == pytest.approx(0.6)
    assert test["outline"]["asymmetry"] == pytest.approx(0.05)
    assert hashlib.sha256(archive.read(test["photograph"])).hexdigest() == test["photograph_sha256"]
    assert archive.read(test["reports"][0]["file"]).startswith(b"%PDF")
    assert archive.read(test["heatmap_file"]).startswith(b"\x89PNG")
    assert f"{owner_name},administrator,exported everything about a patient" in archive.read("accesses.csv").decode()
    assert "no diagnosis" in archive.read("README.txt").decode()


def test_every_column_is_told_or_known_to_be_left_out() -> None:
    for table, (schema, left_out) in LEFT_OUT.items():
        told = set(schema.model_fields)

        assert {column.name for column in table.__table__.columns} - told == left_out | (
            {column.name for column in table.__table__.columns} & OURS
        ), table


def test_names_of_files_tell_nothing_and_the_hashes_are_those_of_the_files(
    reader: FlaskClient, patient: Patient, analysis: Analysis
) -> None:
    archive = archive_of(reader, patient)

    names = [name for name in archive.namelist() if name != "SHA256SUMS.txt"]
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS.txt").decode().splitlines())
    assert sums == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    assert all(re.fullmatch(r"[A-Za-z0-9_./-]+", name) and ".." not in name for name in names)
    assert not any("ngrid" in name for name in names)


def test_what_is_concealed_is_left_out_with_a_sentence(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, analysis: Analysis
) -> None:
    owner.blind = True
    session.commit()

    archive = archive_of(reader, patient)

    (test,) = record_of(archive)["tests"]
    assert "Hidden until" in test["concealed"]
    assert {test[name] for name in ("label", "probabilities", "malignancy", "similar", "heatmap", "views")} == {None}
    assert not any("heatmap" in name for name in archive.namelist())
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()
    assert record_of(archive_of(reader, patient))["tests"][0]["label"] == "nv"


def test_a_report_in_the_name_of_another_patient_is_not_in_it(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, analysis: Analysis
) -> None:
    other = make_patient(session, owner, name="Ole Dahl")
    post(reader, f"/results/{analysis.public_id}/reports/new")
    post(reader, f"/results/{analysis.public_id}/move/{other.public_id}", {"lesion": "new"})
    post(reader, f"/results/{analysis.public_id}/reports/new")

    archive = archive_of(reader, other)

    (test,) = record_of(archive)["tests"]
    assert [report["version"] for report in test["reports"]] == [2]
    assert [name for name in archive.namelist() if "report-" in name] == [test["reports"][0]["file"]]
    assert not any(b"Ingrid" in archive.read(name) for name in archive.namelist() if name.endswith(".json"))


def test_a_missing_file_is_written_down_and_the_rest_is_there(
    reader: FlaskClient, patient: Patient, analysis: Analysis, storage: Storage
) -> None:
    storage.delete(analysis.photograph_key)

    archive = archive_of(reader, patient)

    assert f"tests/{analysis.public_id}/photograph.png" in archive.read("MISSING.txt").decode()
    assert record_of(archive)["tests"][0]["label"] == "nv"


def test_who_is_erased_while_it_is_made_is_left_out_from_there_on(
    app: Flask, session: Session, patient: Patient, analysis: Analysis, storage: Storage
) -> None:
    owner = session.get_one(User, patient.author_id)
    second = make_analysis(session, owner, storage=storage, patient_id=patient.id).public_id
    with app.app_context(), Session(session.get_bind()) as mine:
        pieces = everything_of(mine, storage, user=mine.get_one(User, owner.id), public_id=patient.public_id)
        begun, first = b"", f"tests/{analysis.public_id}/photograph.png"
        while first.encode() not in begun:
            begun += next(pieces)
        erase(session, patient)
        session.commit()

        archive = zipfile.ZipFile(io.BytesIO(begun + b"".join(pieces)))

    assert "ERASED.txt" in archive.namelist()
    assert f"tests/{second}/photograph.png" not in archive.namelist()


def test_a_large_record_is_made_in_little_memory(
    app: Flask, session: Session, owner: User, patient: Patient, storage: Storage
) -> None:
    photograph = bytes(1024 * 1024)
    for n in range(60):
        analysis = make_analysis(session, owner, patient_id=patient.id, public_id=f"many-{n:04}")
        storage.put(analysis.photograph_key, photograph)
    sent = 0
    with app.app_context(), Session(session.get_bind()) as mine:
        pieces = everything_of(mine, storage, user=mine.get_one(User, owner.id), public_id=patient.public_id)
        tracemalloc.start()
        for piece in pieces:
            sent += len(piece)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert sent > 60 * len(photograph)
    assert most < 20 * len(photograph)


def test_nobody_else_gets_it_and_no_address_leads_to_one(
    client: FlaskClient, session: Session, owner: User, patient: Patient, analysis: Analysis
) -> None:
    address = f"/patients/{patient.public_id}/export"
    anonymous = client.get(address)
    sign_in(client, make_user(session))
    theirs = client.get(address), post(client, address, form="/patients/new")
    post(client, "/logout", form="/index")
    sign_in(client, owner)

    page = client.get(address)

    assert anonymous.headers["Location"].startswith("/login?next=")
    assert [response.status_code for response in theirs] == [404, 404]
    assert page.mimetype == "text/html"
    assert client.post(address).status_code == 400  # without the token of the form
    assert "Ingrid" not in page.headers.get("Content-Disposition", "")


def test_photographs_that_wait_in_a_batch_are_in_it(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, storage: Storage
) -> None:
    from tests.web.test_erasure import Subject, make_batch

    make_batch(session, storage, owner, Subject("one", patient=patient), "1.png")
    make_batch(session, storage, owner, Subject("one", patient=make_patient(session, owner, name="Ole")), "2.png")

    archive = archive_of(reader, patient)

    (waiting,) = record_of(archive)["waiting"]
    assert waiting["name"] == "1.png"
    assert archive.read(waiting["file"]).startswith(b"\x89PNG")
    assert session.scalars(select(Analysis)).all() == []
