"""The export for research: who is in it, what it tells, and what somebody has to look at first."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.auth.tables import User
from app.clock import now
from app.inference import WRITING_VERSION
from app.interop.dicom.tables import ArchivePhotograph
from app.patients.consents.records import Statement
from app.patients.consents.services import record
from app.patients.consents.tables import CARE, RESEARCH
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.rights.research.jobs import check_photographs
from app.rights.research.pseudonyms import MOST_DAYS, Pseudonyms
from app.rights.research.rows import age_band
from app.rights.research.tables import PhotographCheck
from app.storage import Storage
from tests.factories import make_analysis, make_lesion, make_patient, make_user, post, sign_in

ALL = {"fewest": "1", "allowed": "y"}


def agree(session: Session, owner: User, patient: Patient, *, given: bool = True, purpose: str = RESEARCH) -> None:
    statement = Statement(purpose=purpose, given=given, day=now().date(), how="paper")
    record(session, patient, author=owner, statement=statement)
    session.commit()


def make_test(
    session: Session, patient: Patient, storage: Storage, *, written: bool = False, **columns: Any
) -> Analysis:
    """Commit a test of a patient that has been checked for writing."""
    owner = session.get_one(User, patient.author_id)
    test = make_analysis(session, owner, storage=storage, patient_id=patient.id, **columns)
    session.add(PhotographCheck(analysis_id=test.id, version=WRITING_VERSION, written=written))
    session.commit()
    return test


@pytest.fixture
def agreed(session: Session, owner: User, patient: Patient) -> Patient:
    agree(session, owner, patient)
    return patient


def exported(reader: FlaskClient, **fields: str) -> zipfile.ZipFile:
    response: TestResponse = post(reader, "/research", {**ALL, **fields})
    assert response.mimetype == "application/zip", response.text
    return zipfile.ZipFile(io.BytesIO(response.data))


def rows(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("tests.csv").decode("utf-8-sig"))))


def photographs(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.startswith("photographs/")]


def test_it_holds_those_who_agreed_and_nobody_else(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    owner = session.get_one(User, agreed.author_id)
    withdrawn, care = make_patient(session, owner, name="B"), make_patient(session, owner, name="C")
    agree(session, owner, withdrawn)
    agree(session, owner, withdrawn, given=False)
    agree(session, owner, care, purpose=CARE)
    for patient in (agreed, withdrawn, care):
        make_test(session, patient, storage)

    archive = exported(reader)

    (row,) = rows(archive)
    assert photographs(archive) == [f"photographs/{row['test']}.png"]
    assert (row["age_band"], row["sex"], row["site"], row["label"]) == ("50-54", "female", "back", "nv")


def test_nothing_in_it_tells_who_it_is(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    agreed.notes, agreed.birth_year = "Melanoma in the family", 1931
    lesion = make_lesion(session, agreed, label="Secret place", note="beside the scar", side="front", x=0.123, y=0.456)
    test = make_test(session, agreed, storage, note="came on Tuesday", lesion_id=lesion.id, age=94)
    session.commit()

    archive = exported(reader)

    content = "\n".join(archive.read(name).decode() for name in archive.namelist() if not name.endswith(".png"))
    known = ("ngrid", "Melanoma", "Secret", "scar", "Tuesday", "1931", "0.123", ",94,", test.public_id)
    assert [word for word in (*known, agreed.public_id, lesion.public_id) if word in content] == []
    assert rows(archive)[0]["age_band"] == "90+"


def test_dates_move_together_and_names_differ_from_export_to_export(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    for day in (1, 11):
        make_test(session, agreed, storage, created_at=datetime(2026, 3, day, 9, tzinfo=UTC))

    first, second = rows(exported(reader)), rows(exported(reader))

    days = [date.fromisoformat(row["date"]) for row in first]
    assert (days[1] - days[0]).days == 10
    assert abs((days[0] - date(2026, 3, 1)).days) <= MOST_DAYS
    assert first[0]["patient"] == first[1]["patient"] != second[0]["patient"]


def test_a_pseudonym_needs_the_key_and_tells_kinds_apart() -> None:
    names = Pseudonyms(b"k" * 32)

    assert names.of("test", "a") == Pseudonyms(b"k" * 32).of("test", "a")
    assert (
        len({names.of("test", "a"), names.of("patient", "a"), names.of("test", "b"), Pseudonyms().of("test", "a")}) == 4
    )


@pytest.mark.parametrize(("age", "band"), [(0, "0-4"), (54, "50-54"), (89, "85-89"), (90, "90+"), (None, "unknown")])
def test_ages_are_told_in_bands(age: int | None, band: str) -> None:
    assert age_band(age) == band


def test_groups_that_are_too_small_are_left_out_and_told_before(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    make_test(session, agreed, storage)

    page, archive = reader.get("/research").text, exported(reader, fewest="3")

    assert "50-54" in page
    assert "has 1 patient." in page
    assert (rows(archive), photographs(archive)) == ([], [])


def test_what_may_tell_who_it_is_is_withheld_until_somebody_has_looked(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    labelled = make_test(session, agreed, storage, written=True)
    make_test(session, agreed, storage, accepted=False, reasons=["unfamiliar"])
    unchecked = make_test(session, agreed, storage)
    session.delete(session.get(PhotographCheck, unchecked.id))
    session.commit()

    before = exported(reader)
    ticked = post(reader, "/research/photographs", {"nothing": labelled.public_id})
    after = exported(reader)

    assert [row["photograph"] for row in rows(before)] == ["withheld"] * 3
    assert ticked.status_code == 303
    assert sorted(row["photograph"] for row in rows(after)) == ["included", "withheld", "withheld"]
    assert len(photographs(after)) == 1


def test_the_worker_checks_the_photographs_of_those_who_agreed(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    owner = session.get_one(User, agreed.author_id)
    fine = make_analysis(session, owner, storage=storage, patient_id=agreed.id)
    lost = make_analysis(session, owner, patient_id=agreed.id)
    make_analysis(session, owner, storage=storage, patient_id=make_patient(session, owner, name="B").id)

    with reader.application.app_context():
        check_photographs()

    checks = {row.analysis_id: row.written for row in session.scalars(select(PhotographCheck))}
    assert checks == {fine.id: False, lost.id: True}


def test_a_stranger_exports_and_ticks_nothing_of_it(
    client: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    test = make_test(session, agreed, storage, written=True)
    anonymous = client.get("/research")
    sign_in(client, make_user(session))

    page = client.get("/research")
    archive = client.post("/research", data=ALL)
    post(client, "/research/photographs", {"nothing": test.public_id}, form="/patients/new")

    assert anonymous.headers["Location"].startswith("/login?next=")
    assert "There is nothing to export" in page.text
    assert archive.status_code == 400  # without the token of the form
    assert session.scalars(select(ArchivePhotograph)).all() == []


def test_it_is_not_made_before_somebody_answers_for_it(
    reader: FlaskClient, session: Session, agreed: Patient, storage: Storage
) -> None:
    make_test(session, agreed, storage)

    response = post(reader, "/research", {"fewest": "5"})

    assert response.status_code == 422
    assert "Please confirm this first." in response.text
