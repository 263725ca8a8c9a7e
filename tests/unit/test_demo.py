"""The demonstration: drawn deterministically, filled by the real way, marked, and removed without a trace."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.jobs import work
from app.batches.tables import Batch, BatchItem
from app.demo.clinic import patients
from app.demo.drawing import LOOKS, draw
from app.demo.paperwork import AMENDED, LABEL, SPOTS
from app.extensions import Base
from app.keys.tables import DataKey
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion, Patient
from app.reports.tables import Report, Signature
from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict
from app.storage import Storage
from tests.factories import make_analysis, make_lesion, make_patient, make_user, post
from tests.pictures import lesion_picture

MARK = "Demonstration: drawn pictures, invented patients."
FEW = ["demo", "--patients", "4"]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small picture in place of the drawings, which take their time."""
    picture = lesion_picture(size=(200, 150))
    for module in ("services", "paperwork"):
        monkeypatch.setattr(f"app.demo.{module}.draw", lambda *_, **__: picture)


STAYING = {DataKey.__tablename__, "compatibility", "audit_events", "audit_heads", "erasures", "erased_reports"}


def rows(session: Session) -> Mapping[str, int]:
    """Count the rows of every table but those that the migrations fill, and those that tell what was removed."""
    session.expire_all()
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
    }
    return {name: count for name, count in counts.items() if count and name not in STAYING}


def files(storage: Storage) -> list[str]:
    return [key for key, _ in storage.keys()]  # noqa: SIM118 - no mapping


@pytest.mark.parametrize("name", LOOKS)
def test_a_drawing_is_the_same_each_time_and_each_take_another(name: str) -> None:
    first, again, other = (draw(LOOKS[name], 2, 7, take=take) for take in (0, 0, 1))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_seed_makes_one_clinic_and_another_seed_another() -> None:
    first, again, other = (list(patients(10, seed, 2026)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_courses_go_forward_and_end_before_today() -> None:
    lesions = [lesion for patient in patients(60, 1, 2026) for lesion in patient.lesions]

    days = [[take.days_ago for take in lesion.takes] for lesion in lesions]

    assert all(course == sorted(set(course), reverse=True) for course in days)
    assert min(map(min, days)) >= 1
    assert max(map(max, days)) > 365


@pytest.mark.usefixtures("_quick")
def test_it_fills_an_empty_site_marks_it_and_leaves_nothing_when_it_is_removed(
    app: Flask, session: Session, storage: Storage, client: FlaskClient
) -> None:
    runner = app.test_cli_runner()

    filled = runner.invoke(args=FEW)
    made, page = rows(session), client.get("/").text
    emails = session.scalars(select(User.email)).all()
    password = filled.output.split(emails[0])[1].split()[0]
    signed_in = post(client, "/login", {"email": emails[0], "password": password})
    inside = client.get("/patients").text
    removed = runner.invoke(args=["demo", "--remove"])

    assert filled.exit_code == 0, filled.output
    assert {
        "users",
        "patients",
        "lesions",
        "analyses",
        "verdicts",
        "batches",
        "reports",
        "report_signatures",
    } <= made.keys()
    assert MARK in page
    assert signed_in.status_code == 303
    assert MARK in inside
    assert "(demo)" in inside
    assert removed.exit_code == 0, removed.output
    assert rows(session) == {}
    assert files(storage) == []
    assert MARK not in client.get("/").text


@pytest.mark.usefixtures("_quick")
def test_it_shows_courses_verdicts_follow_ups_an_archive_and_a_test_that_is_nobodys(
    app: Flask, session: Session
) -> None:
    app.test_cli_runner().invoke(args=["demo", "--patients", "8"])

    span = session.execute(select(func.min(Analysis.created_at), func.max(Analysis.created_at))).one()
    assert (span[1] - span[0]).days > 180
    assert session.scalar(select(func.count()).where(Patient.archived_at.is_not(None))) == 1
    assert session.scalar(select(func.count()).where(Analysis.patient_id.is_(None))) == 1
    assert sum("Merged on" in (notes or "") for notes in session.scalars(select(Patient.notes))) == 1
    assert session.scalars(select(FollowUp)).all()
    assert {verdict.kind for verdict in session.scalars(select(Verdict))} == {"assessment", "diagnosis"}
    of_batch = select(BatchItem.analysis_id).where(
        BatchItem.analysis_id.is_not(None)
    )  # whose patient is marked by name
    notes = session.scalars(select(Analysis.note).where(Analysis.id.not_in(of_batch)))
    assert all("Demonstration" in (note or "") for note in notes)


@pytest.mark.usefixtures("_quick")
def test_it_shows_a_batch_that_is_done_and_why_one_of_its_files_was_not_used(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    filled = app.test_cli_runner().invoke(args=FEW)

    assert filled.exit_code == 0, filled.output
    batch = session.scalars(select(Batch)).one()
    states = session.execute(select(BatchItem.state, func.count()).group_by(BatchItem.state)).all()
    assert dict(states) == {"done": SPOTS, "failed": 1}
    email = session.scalars(select(User.email)).first()
    post(client, "/login", {"email": email, "password": filled.output.split(email)[1].split()[0]})
    page = client.get(f"/batches/{batch.public_id}").text
    assert "letter.jpg" in page
    assert LABEL in page
    assert session.scalars(select(Patient).where(Patient.id == batch.patient_id)).one().archived_at is None


@pytest.mark.usefixtures("_quick")
def test_the_batch_is_worked_off_without_a_worker(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(work), "send_after_commit", lambda *_, **__: None)  # nobody looks at the queue
    monkeypatch.setattr("app.batches.jobs.SLICE_SECONDS", 0.0)  # one photograph at a time

    filled = app.test_cli_runner().invoke(args=FEW)

    assert filled.exit_code == 0, filled.output
    states = session.execute(select(BatchItem.state, func.count()).group_by(BatchItem.state)).all()
    assert dict(states) == {"done": SPOTS, "failed": 1}


@pytest.mark.usefixtures("_quick")
def test_it_shows_reports_signed_and_amended_that_can_be_verified(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    app.test_cli_runner().invoke(args=FEW)

    reports = session.scalars(select(Report).order_by(Report.id)).all()
    signed = set(session.scalars(select(Signature.report_id)))
    assert [(report.kind, report.version, report.id in signed) for report in reports] == [
        ("clinical", 1, True),
        ("clinical", 2, False),
        ("clinical", 1, True),
        ("summary", 1, True),
    ]
    assert reports[1].reason == AMENDED
    for report in reports:
        verified = client.get(f"/verify/{report.code}")
        assert verified.status_code == 200
        assert report.photograph_sha256[:8] in verified.text.replace("\N{ZERO WIDTH SPACE}", "")


@pytest.mark.usefixtures("_quick")
def test_what_somebody_has_added_stays_with_what_it_hangs_on(app: Flask, session: Session, storage: Storage) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=FEW)
    holt = session.scalars(select(User).order_by(User.id)).first()
    lesion = session.scalars(select(Lesion).order_by(Lesion.id)).first()
    kept = {"patient_id": lesion.patient_id, "lesion_id": lesion.id}
    added = make_analysis(session, holt, storage=storage, **kept)
    newcomer = make_user(session)
    own = make_lesion(session, make_patient(session, newcomer))

    removed = runner.invoke(args=["demo", "--remove"])

    session.expire_all()
    assert removed.exit_code == 0, removed.output
    assert session.scalars(select(Analysis)).all() == [added]
    assert session.scalars(select(Lesion).order_by(Lesion.id)).all() == [lesion, own]
    assert {user.id for user in session.scalars(select(User))} == {holt.id, newcomer.id}
    assert sorted(files(storage)) == sorted(added.storage_keys)
    assert "stay: something was added to them" in removed.output


def test_it_refuses_a_site_in_use_and_changes_nothing(app: Flask, session: Session) -> None:
    make_user(session)
    before = rows(session)

    result = app.test_cli_runner().invoke(args=FEW)

    assert result.exit_code == 1
    assert "this one has accounts" in result.output
    assert rows(session) == before


def test_there_is_nothing_to_remove_where_there_is_no_demonstration(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "--remove"])

    assert result.exit_code == 1
    assert "Nothing was removed" in result.output
