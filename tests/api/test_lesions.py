"""Lesions and their follow-ups as programs see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.patients.follow_ups.tables import FollowUp
from app.patients.rules import AHEAD, NOTICED
from app.patients.tables import Lesion, Patient
from tests.api.conftest import Program
from tests.factories import make_analysis, make_follow_up, make_lesion
from tests.web.test_history import counted_queries

PLACE = {"side": "back", "x": 0.25, "y": 0.5}
TOMORROW = (now() + timedelta(days=1)).date()


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient, **PLACE, note="Itches")


def test_a_lesion_is_written_down_and_read(program: Program, patient: Patient) -> None:
    sent = {"label": "Nape", "body_site": "neck", "place": PLACE, "first_noticed": "2025-11-02", "note": "Two\nlines"}

    made = program.post(f"/patients/{patient.public_id}/lesions", json=sent)

    assert made.status_code == 201
    expected = {**sent, "patient": patient.public_id, "follow_up": None, "tests": 0}
    assert made.json.items() >= expected.items()
    assert program.get(made.headers["Location"].removeprefix("/api/v1")).json == made.json


def test_without_a_label_it_is_numbered(program: Program, patient: Patient, lesion: Lesion) -> None:
    made = program.post(f"/patients/{patient.public_id}/lesions", json={})

    assert (made.json["label"], made.json["place"]) == ("Lesion 2", None)


@pytest.mark.parametrize(
    ("sent", "pointer", "sentence"),
    [
        ({"body_site": "elbow"}, "/body_site", "Input should be 'abdomen'"),
        ({"place": {"side": "back", "x": 0.5}}, "/place/y", "Field required"),
        ({"place": {**PLACE, "x": 1.5}}, "/place/x", "less than or equal to 1"),
        ({"place": {**PLACE, "side": "left"}}, "/place/side", "'front' or 'back'"),
        ({"first_noticed": str(TOMORROW + timedelta(days=1))}, "/first_noticed", NOTICED),
        ({"first_noticed": "1720-01-01"}, "/first_noticed", NOTICED),
        ({"label": "x" * 81}, "/label", "at most 80 characters"),
        ({"note": "x" * 2001}, "/note", "at most 2000 characters"),
    ],
)
def test_what_can_not_be_true_is_refused_new_or_changed(
    program: Program, lesion: Lesion, sent: dict[str, Any], pointer: str, sentence: str
) -> None:
    shown = program.get(f"/lesions/{lesion.public_id}").json

    refused = [
        program.post(f"/patients/{shown['patient']}/lesions", json=sent),
        program.patch(f"/lesions/{lesion.public_id}", json=sent),
    ]

    for answer in refused:
        assert answer.status_code == 422
        (error,) = answer.json["errors"]
        assert error["name"] == pointer
        assert sentence in error["detail"]
    assert program.get(f"/lesions/{lesion.public_id}").json == shown


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({"body_site": None}, {"body_site": None}),
        ({"place": None}, {"place": None}),
        ({"place": {**PLACE, "x": 0.75}}, {"place": {**PLACE, "x": 0.75}}),
        ({"label": "Nape", "note": None}, {"label": "Nape", "note": None}),
    ],
)
def test_only_what_is_sent_is_changed_and_null_clears(
    program: Program, lesion: Lesion, sent: dict[str, Any], changed: dict[str, Any]
) -> None:
    before = program.get(f"/lesions/{lesion.public_id}").json

    answer = program.patch(f"/lesions/{lesion.public_id}", json=sent)

    assert answer.status_code == 200
    assert answer.json == {**before, **changed}


def test_a_removed_lesion_leaves_its_tests_with_the_patient(
    program: Program, session: Session, owner: User, patient: Patient, lesion: Lesion
) -> None:
    test = make_analysis(session, owner, patient_id=patient.id, lesion_id=lesion.id)

    answer = program.delete(f"/lesions/{lesion.public_id}")

    assert answer.status_code == 204
    session.refresh(test)
    assert (test.patient_id, test.lesion_id) == (patient.id, None)
    assert program.get(f"/lesions/{lesion.public_id}").status_code == 404


def test_a_follow_up_is_planned_put_off_and_done(program: Program, session: Session, lesion: Lesion) -> None:
    address = f"/lesions/{lesion.public_id}/follow-up"

    planned = program.put(address, json={"due": str(TOMORROW), "reason": "Border"})
    put_off = program.put(address, json={"due": str(TOMORROW + timedelta(days=7))})
    done = program.post(f"{address}/done")

    assert planned.json["follow_up"].items() >= {"due": str(TOMORROW), "reason": "Border"}.items()
    assert put_off.json["follow_up"].items() >= {"due": str(TOMORROW + timedelta(days=7)), "reason": None}.items()
    assert done.json["follow_up"] is None
    assert session.scalars(select(FollowUp)).one().done_at is not None
    assert program.post(f"{address}/done").status_code == 200


def test_a_follow_up_is_taken_away(program: Program, session: Session, owner: User, lesion: Lesion) -> None:
    make_follow_up(session, owner, lesion)

    answers = [program.delete(f"/lesions/{lesion.public_id}/follow-up") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert session.scalar(select(func.count(FollowUp.id))) == 0


@pytest.mark.parametrize("due", [str(TOMORROW - timedelta(days=3)), "2200-01-01"])
def test_no_follow_up_is_planned_for_a_day_that_is_over_or_far_away(program: Program, lesion: Lesion, due: str) -> None:
    answer = program.put(f"/lesions/{lesion.public_id}/follow-up", json={"due": due})

    assert answer.status_code == 422
    assert answer.json["errors"] == [{"place": "body", "name": "/due", "detail": AHEAD}]


def test_lesions_are_read_page_by_page(program: Program, session: Session, patient: Patient) -> None:
    made = [make_lesion(session, patient).public_id for _ in range(3)]

    pages = program.walk(f"/patients/{patient.public_id}/lesions", limit=2)

    assert [[row["id"] for row in page] for page in pages] == [[made[2], made[1]], [made[0]]]


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    app: Flask, program: Program, session: Session, owner: User, patient: Patient
) -> None:
    address = f"/patients/{patient.public_id}/lesions"

    def asked() -> int:
        make_follow_up(session, owner, make_lesion(session, patient))
        with counted_queries(app) as statements:
            assert program.get(address).status_code == 200
        return len(statements)

    assert [asked() for _ in range(5)] == [7] * 5  # token, its count, whose it is, patient, lesions, tests, follow-ups


def test_a_stranger_finds_no_lesion(stranger: Program, session: Session, owner: User, lesion: Lesion) -> None:
    make_follow_up(session, owner, lesion)
    address = f"/lesions/{lesion.public_id}"

    answers = [
        stranger.get(address),
        stranger.patch(address, json={"label": "Mine"}),
        stranger.delete(address),
        stranger.put(f"{address}/follow-up", json={"due": str(TOMORROW)}),
        stranger.delete(f"{address}/follow-up"),
        stranger.post(f"{address}/follow-up/done"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    session.expire_all()
    assert lesion.label == "Left shoulder"
    assert session.scalars(select(FollowUp)).one().done_at is None


def test_the_same_request_makes_one_lesion(program: Program, session: Session, patient: Patient) -> None:
    address, headers = f"/patients/{patient.public_id}/lesions", {"Idempotency-Key": "8e03978e"}

    first, again = (program.post(address, json={}, headers=headers) for _ in range(2))

    assert (again.status_code, again.json) == (201, first.json)
    assert session.scalar(select(func.count(Lesion.id))) == 1
