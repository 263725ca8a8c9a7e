"""Patients as programs see them: the rules are those of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import Storage
from tests.api.conftest import Program
from tests.factories import make_analysis, make_lesion, make_patient
from tests.web.test_history import counted_queries

FACTS = {"name": "Ingrid Sørensen", "birth_year": 1972, "sex": "female", "skin_type": 2, "notes": "Two\nlines"}


@pytest.fixture
def patient(session: Session, owner: User) -> Patient:
    return make_patient(session, owner, birth_year=1972, sex="female", notes="As before")


def test_a_patient_is_written_down_and_read(program: Program, session: Session, owner: User) -> None:
    made = program.post("/patients", json=FACTS)

    assert made.status_code == 201
    assert made.json.items() >= {**FACTS, "archived": False, "tests": 0, "last_test_at": None}.items()
    assert program.get(made.headers["Location"].removeprefix("/api/v1")).json == made.json
    kept = session.scalars(select(Patient)).one()
    assert (kept.author_id, kept.name) == (owner.id, FACTS["name"])


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": " "}, "It is blank"),
        ({"name": "Jane\u202e"}, "There are invisible characters in it"),
        ({"name": None}, "Input should be a valid string"),
        ({"birth_year": 3000}, "Please give the year of birth with four digits, such as 1972."),
        ({"birth_year": "1972"}, "Input should be a valid integer"),
        ({"sex": "x"}, "Input should be 'female' or 'male'"),
        ({"skin_type": 7}, "Input should be less than or equal to 6"),
        ({"notes": "x" * 10_001}, "String should have at most 10000 characters"),
        ({"born": 1972}, "Extra inputs are not permitted"),
    ],
)
def test_what_can_not_be_true_is_refused_new_or_changed(
    program: Program, session: Session, patient: Patient, sent: dict[str, Any], sentence: str
) -> None:
    new, changed = {"name": "Ingrid"} | sent, sent

    refused = [program.post("/patients", json=new), program.patch(f"/patients/{patient.public_id}", json=changed)]

    assert [answer.status_code for answer in refused] == [422, 422]
    for answer in refused:
        assert answer.json["errors"] == [{"place": "body", "name": f"/{next(iter(sent))}", "detail": sentence}]
    assert session.scalars(select(Patient.name)).all() == ["Ingrid Sørensen"]


def test_only_what_is_sent_is_changed_and_null_clears(
    program: Program, session: Session, owner: User, patient: Patient
) -> None:
    test = make_analysis(session, owner, patient_id=patient.id)

    answer = program.patch(f"/patients/{patient.public_id}", json={"name": "Ingrid Berg", "birth_year": None})

    assert answer.status_code == 200
    expected = {"name": "Ingrid Berg", "birth_year": None, "sex": "female", "notes": "As before", "tests": 1}
    assert answer.json.items() >= expected.items()
    session.refresh(test)
    assert test.patient_name == "Ingrid Berg"


def test_a_change_of_nothing_changes_nothing(program: Program, patient: Patient) -> None:
    before = program.get(f"/patients/{patient.public_id}").json

    assert program.patch(f"/patients/{patient.public_id}", json={}).json == before


def test_archived_patients_are_listed_on_demand(program: Program, session: Session, owner: User) -> None:
    kept, archived = make_patient(session, owner, name="Anna"), make_patient(session, owner, name="Berta")

    answer = program.patch(f"/patients/{archived.public_id}", json={"archived": True})

    assert answer.json["archived"] is True
    assert [row["id"] for row in program.get("/patients").json["items"]] == [kept.public_id]
    assert len(program.get("/patients?archived=true").json["items"]) == 2
    program.patch(f"/patients/{archived.public_id}", json={"archived": False})
    assert len(program.get("/patients").json["items"]) == 2


def test_patients_are_searched_in_any_spelling_and_read_page_by_page(
    program: Program, stranger: Program, session: Session, owner: User
) -> None:
    for number in range(5):
        make_patient(session, owner, name=f"Ingrid SØRENSEN {number}")
    make_patient(session, owner, name="Anna")

    pages = program.walk("/patients", name="sørensen", limit=2)

    names = [[row["name"][-1] for row in page] for page in pages]
    assert names == [["4", "3"], ["2", "1"], ["0"]]
    assert stranger.walk("/patients") == [[]]


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=WzFd0", "cursor=WyJhIl0", "limit=0", "archived=perhaps", "q=A", "name=%00"]
)
def test_a_list_refuses_what_it_can_not_read(program: Program, query: str) -> None:
    assert program.get(f"/patients?{query}").status_code == 422


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    app: Flask, program: Program, session: Session, owner: User
) -> None:
    def asked() -> int:
        with counted_queries(app) as statements:
            assert program.get("/patients").status_code == 200
        return len(statements)

    make_analysis(session, owner, patient_id=make_patient(session, owner).id)
    one = asked()
    for _ in range(20):
        make_analysis(session, owner, patient_id=make_patient(session, owner).id)

    assert (one, asked()) == (5, 5)  # token, its count, whose it is, patients, their tests


def test_a_patient_is_erased_with_all_that_is_kept(
    program: Program, session: Session, storage: Storage, owner: User, patient: Patient
) -> None:
    make_analysis(session, owner, patient_id=patient.id, lesion_id=make_lesion(session, patient).id, storage=storage)

    answer = program.delete(f"/patients/{patient.public_id}")

    assert (answer.status_code, answer.data) == (204, b"")
    assert session.scalar(select(func.count(Analysis.id))) == 0
    assert program.get(f"/patients/{patient.public_id}").status_code == 404


def test_two_patients_become_one(program: Program, session: Session, owner: User, patient: Patient) -> None:
    other = make_patient(session, owner, name="I. Sørensen", skin_type=2, birth_year=1971)
    make_analysis(session, owner, patient_id=other.id)

    answer = program.post(f"/patients/{patient.public_id}/merge", json={"other": other.public_id})

    assert answer.status_code == 200
    assert answer.json.items() >= {"birth_year": 1972, "skin_type": 2, "tests": 1}.items()
    assert "Merged on" in answer.json["notes"]
    assert program.get(f"/patients/{other.public_id}").status_code == 404


def test_what_can_not_be_merged_stays(program: Program, session: Session, owner: User, patient: Patient) -> None:
    archived = make_patient(session, owner, archived_at=now())
    own, other = patient.public_id, archived.public_id

    answers = [
        program.post(f"/patients/{kept}/merge", json={"other": gone})
        for kept, gone in ((own, own), (other, own), (own, "unknown"))
    ]

    assert [(answer.status_code, answer.json["type"].rpartition("#")[2]) for answer in answers] == [
        (409, "patients-not-mergeable"),
        (409, "patient-archived"),
        (422, "invalid"),
    ]


def test_a_stranger_finds_no_patient(stranger: Program, session: Session, patient: Patient) -> None:
    address = f"/patients/{patient.public_id}"
    mine = stranger.post("/patients", json={"name": "Mallory"}).json["id"]

    answers = [
        stranger.get(address),
        stranger.patch(address, json={"name": "Eve"}),
        stranger.delete(address),
        stranger.post(f"{address}/merge", json={"other": mine}),
        stranger.post(f"/patients/{mine}/merge", json={"other": patient.public_id}),
        stranger.get(f"{address}/lesions"),
        stranger.post(f"{address}/lesions", json={}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404, 422, 404, 404]
    assert all("Ingrid" not in answer.text for answer in answers)
    session.refresh(patient)
    assert patient.name == "Ingrid Sørensen"


def test_the_same_request_makes_one_patient(program: Program, session: Session) -> None:
    headers = {"Idempotency-Key": "8e03978e"}

    first, again = (program.post("/patients", json=FACTS, headers=headers) for _ in range(2))

    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    assert session.scalar(select(func.count(Patient.id))) == 1
    other = program.post("/patients", json={"name": "Anna"}, headers=headers)
    assert (other.status_code, other.json["type"]) == (422, "/api/docs#idempotency-key-reused")
