from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.patients.tables import Lesion, Patient
from tests.factories import make_analysis, make_lesion, make_user, post, sign_in


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient)


def lesions(session: Session) -> list[Lesion]:
    session.expire_all()
    return list(session.scalars(select(Lesion).order_by(Lesion.id)))


@pytest.mark.parametrize("part", ["", "/edit"])
def test_its_owner_sees_every_page(reader: FlaskClient, lesion: Lesion, part: str) -> None:
    response = reader.get(f"/lesions/{lesion.public_id}{part}")

    assert response.status_code == 200
    assert "Left shoulder" in response.text


@pytest.mark.parametrize("part", ["", "/edit"])
def test_a_stranger_finds_no_page(client: FlaskClient, session: Session, lesion: Lesion, part: str) -> None:
    sign_in(client, make_user(session))

    response = client.get(f"/lesions/{lesion.public_id}{part}")

    assert response.status_code == 404
    assert "shoulder" not in response.text


@pytest.mark.parametrize("part", ["/edit", "/delete"])
def test_a_stranger_changes_nothing(client: FlaskClient, session: Session, lesion: Lesion, part: str) -> None:
    sign_in(client, make_user(session))

    response = post(client, f"/lesions/{lesion.public_id}{part}", {"label": "Mine"}, form="/patients/new")

    assert response.status_code == 404
    assert [row.label for row in lesions(session)] == ["Left shoulder"]


@pytest.mark.parametrize("part", ["", "/edit"])
def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient, lesion: Lesion, part: str) -> None:
    response = client.get(f"/lesions/{lesion.public_id}{part}")

    assert response.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("part", ["/edit", "/delete"])
def test_the_anonymous_change_nothing(client: FlaskClient, session: Session, lesion: Lesion, part: str) -> None:
    response = client.post(f"/lesions/{lesion.public_id}{part}", data={"label": "Mine"})

    assert response.headers["Location"].startswith("/login")
    assert [row.label for row in lesions(session)] == ["Left shoulder"]


def test_a_lesion_is_written_down_with_its_place(reader: FlaskClient, session: Session, patient: Patient) -> None:
    place = {"side": "back", "x": "0.25", "y": "0.4", "site": "back"}
    fields = {"label": "Mole", "first_noticed": "2026-03-01", "note": "Itches.", **place}

    response = post(reader, f"/patients/{patient.public_id}/lesions/new", fields)

    (made,) = lesions(session)
    assert response.location == f"/lesions/{made.public_id}"
    assert (made.label, made.first_noticed, made.note) == ("Mole", date(2026, 3, 1), "Itches.")
    assert (made.patient_id, made.site, made.side, made.x, made.y) == (patient.id, "back", "back", 0.25, 0.4)


def test_without_a_label_lesions_are_numbered(reader: FlaskClient, session: Session, patient: Patient) -> None:
    for _ in range(2):
        post(reader, f"/patients/{patient.public_id}/lesions/new", {"site": "face"})

    assert [row.label for row in lesions(session)] == ["Lesion 1", "Lesion 2"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "front"},
        {"side": "front", "x": "0.5"},
        {"side": "left", "x": "0.5", "y": "0.5"},
        {"side": "front", "x": "1.5", "y": "0.5"},
        {"side": "front", "x": "nan", "y": "0.5"},
        {"site": "moon"},
        {"first_noticed": "9999-01-01"},
        {"first_noticed": "soon"},
    ],
)
def test_what_can_not_be_true_is_refused(
    reader: FlaskClient, session: Session, patient: Patient, wrong: dict[str, str]
) -> None:
    response = post(reader, f"/patients/{patient.public_id}/lesions/new", wrong)

    assert response.status_code == 422
    assert 'class="field-error"' in response.text
    assert lesions(session) == []


def test_a_mark_can_be_removed_again(reader: FlaskClient, session: Session, lesion: Lesion) -> None:
    lesion.side, lesion.x, lesion.y = "front", 0.5, 0.5
    session.commit()

    post(reader, f"/lesions/{lesion.public_id}/edit", {"label": "Mole", "side": "", "x": "", "y": "", "site": "chest"})

    (changed,) = lesions(session)
    assert (changed.label, changed.site, changed.side, changed.x, changed.y) == ("Mole", "chest", None, None, None)


def test_its_photographs_are_in_the_order_of_time(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, lesion: Lesion
) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    late, early = (
        make_analysis(
            session, owner, patient_id=patient.id, lesion_id=lesion.id, created_at=start + timedelta(days=days)
        )
        for days in (9, 0)
    )
    make_analysis(session, owner, patient_id=patient.id)

    page = reader.get(f"/lesions/{lesion.public_id}").text

    assert re.findall(r'class="strip-title" href="/results/([^"]+)"', page) == [early.public_id, late.public_id]


def test_a_removed_lesion_leaves_its_tests_with_the_patient(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, lesion: Lesion
) -> None:
    test = make_analysis(session, owner, patient_id=patient.id, lesion_id=lesion.id)

    response = post(reader, f"/lesions/{lesion.public_id}/delete", form=f"/lesions/{lesion.public_id}")

    assert response.location == f"/patients/{patient.public_id}"
    assert lesions(session) == []
    assert (test.patient_id, test.lesion_id) == (patient.id, None)


def test_the_page_of_a_test_leads_to_the_photographs_before_and_after_it(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    first, second, third = (
        make_analysis(session, owner, patient_id=lesion.patient_id, lesion_id=lesion.id, created_at=now() - ago)
        for ago in (timedelta(days=9), timedelta(days=5), timedelta())
    )
    links = re.compile(r'rel="(prev|next)" href="/results/([^"#]+)#pictures"')

    pages = [reader.get(f"/results/{test.public_id}").text for test in (first, second, third)]

    assert [links.findall(page) for page in pages] == [
        [("next", second.public_id)],
        [("prev", first.public_id), ("next", third.public_id)],
        [("prev", second.public_id)],
    ]
    assert "2 of 3" in pages[1]


def test_the_only_photograph_of_a_lesion_has_none_beside_it(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    alone = make_analysis(session, owner, patient_id=lesion.patient_id, lesion_id=lesion.id)

    assert "Photographs of this lesion" not in reader.get(f"/results/{alone.public_id}").text


def test_the_page_of_a_test_asks_the_database_as_often_for_two_photographs_of_a_lesion_as_for_six(
    app: Flask, reader: FlaskClient, session: Session, owner: User, lesion: Lesion
) -> None:
    kept = {"patient_id": lesion.patient_id, "lesion_id": lesion.id}
    first, _ = (make_analysis(session, owner, **kept) for _ in range(2))
    with app.app_context():
        engine = db.engine
    asked: list[int] = []
    event.listen(engine, "before_cursor_execute", lambda *_: asked.append(1))

    reader.get(f"/results/{first.public_id}")
    of_two = len(asked)
    for _ in range(4):
        make_analysis(session, owner, **kept)
    asked.clear()
    reader.get(f"/results/{first.public_id}")

    assert len(asked) == of_two
