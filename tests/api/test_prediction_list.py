"""The list of tests, through the API: pages, filters, and that it finds what the site's history finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.history import lookups, search
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from tests.api.conftest import Program
from tests.factories import make_analysis, make_lesion, make_patient, make_user
from tests.web.test_history import counted_queries, listed, plans_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def names(program: Program, **query: Any) -> list[str]:
    response = program.get("/predictions", query_string=query)

    assert response.status_code == 200, response.text
    return [item["patient_name"] for item in response.json["items"]]


def make_series(session: Session, owner: User, count: int, **columns: Any) -> list[Analysis]:
    """Commit tests of Patient 000, 001, ..., two of them in each minute, the later the less suspicious."""
    return [
        make_analysis(
            session,
            owner,
            **{
                "patient_name": f"Patient {number:03}",
                "created_at": START + timedelta(minutes=number // 2),
                "malignancy": 1 - number / count,
                **columns,
            },
        )
        for number in range(count)
    ]


def walked(program: Program, **query: Any) -> list[list[str]]:
    """Return the ids of all items, page by page."""
    return [[item["id"] for item in page] for page in program.walk("/predictions", **query)]


def test_it_lists_only_ones_own_tests_the_newest_first(program: Program, session: Session, owner: User) -> None:
    make_series(session, owner, 3)
    make_analysis(session, make_user(session), patient_name="Theirs")

    assert names(program) == ["Patient 002", "Patient 001", "Patient 000"]


def test_a_walk_meets_every_test_once_while_others_come_and_go(program: Program, session: Session, owner: User) -> None:
    before = make_series(session, owner, 7)
    first = program.get("/predictions", query_string={"limit": 3}).json
    make_analysis(session, owner, patient_name="New")
    session.delete(session.get(Analysis, before[4].id))  # at whose place the list goes on
    session.commit()

    second = program.get("/predictions", query_string={"limit": 3, "cursor": first["next"]}).json
    third = program.get("/predictions", query_string={"limit": 3, "cursor": second["next"]}).json

    met = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert met == [each.public_id for each in reversed(before)]
    assert third["next"] is None


def test_the_last_page_has_no_next(program: Program, session: Session, owner: User) -> None:
    make_series(session, owner, 4)

    assert [len(page) for page in walked(program, limit=2)] == [2, 2]
    assert program.get("/predictions").json["next"] is None


def test_a_search_that_looks_at_so_many_at_a_time_still_meets_all(
    program: Program, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 4)
    every = make_series(session, owner, 12)
    for analysis in (every[0], every[11]):
        analysis.body_site = "ear"
    session.commit()

    pages = walked(program, body_site="ear", limit=5)

    assert pages == [[every[11].public_id], [], [every[0].public_id]]


@pytest.mark.usefixtures("variety")
def test_it_finds_what_the_site_finds(program: Program, reader: FlaskClient, subtests: pytest.Subtests) -> None:
    for by_program, on_the_site in ALIKE:
        with subtests.test(str(by_program)):
            found = names(program, **by_program)

            assert found == listed(reader, **on_the_site)
            assert 0 < len(found) < 6


ALIKE: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    ({"name": "INGRID"}, {"patient": "INGRID"}),
    ({"unfiled": "true"}, {"nobody": "y"}),
    ({"lesion_label": "shoulder"}, {"lesion": "shoulder"}),
    ({"body_site": "ear"}, {"site": "ear"}),
    ({"accepted": "true"}, {"label": "any"}),
    ({"accepted": "false"}, {"label": "none"}),
    ({"label": "mel"}, {"label": "mel"}),
    ({"malignancy_min": "0.495"}, {"malignancy_from": "50"}),
    ({"malignancy_max": "0.305"}, {"malignancy_to": "30"}),
    ({"alert": "true"}, {"alert": "y"}),
    ({"assessment": "malignant"}, {"assessment": "malignant"}),
    ({"diagnosis": "none"}, {"diagnosis": "none"}),
    ({"diagnosis": "against"}, {"diagnosis": "against"}),
    ({"model": "resnet50-ham7"}, {"classifier": "resnet50-ham7"}),
    ({"created_from": "2026-03-03T00:00:00Z"}, {"date_from": "2026-03-03"}),
    ({"created_to": "2026-03-03T01:00:00+01:00"}, {"date_to": "2026-03-02"}),
    ({"text": "itches"}, {"text": "itches"}),
    ({"label": "nv", "alert": "true", "name": "Cem"}, {"label": "nv", "alert": "y", "patient": "Cem"}),
)


@pytest.fixture
def variety(session: Session, owner: User) -> None:
    """Commit six tests on as many days, of which every condition finds some."""
    patient = make_patient(session, owner, name="Ingrid Berg")
    lesion = make_lesion(session, patient, label="Left shoulder")
    kept = {"patient_id": patient.id, "patient_name": patient.name}
    every: tuple[dict[str, Any], ...] = (
        {**kept, "lesion_id": lesion.id, "malignancy": 0.9, "label": "mel"},
        {**kept, "body_site": "ear", "note": "It itches."},
        {"patient_name": "Cem", "malignancy": 0.05},
        {"patient_name": "Cem Kaya", "malignancy": 0.5, "model_name": "resnet50-ham7"},
        {"patient_name": "Bea", "accepted": False},
        {"patient_name": "Ada", "malignancy": 0.3},
    )
    made = [
        make_analysis(session, owner, created_at=START + timedelta(days=day), **columns)
        for day, columns in enumerate(every)
    ]
    give(session, made[1], author=owner, kind=ASSESSMENT, label="mel", note="Itches a lot.")
    give(session, made[5], author=owner, kind=DIAGNOSIS, label="bcc", basis="histology")
    session.commit()


def test_it_lists_what_is_kept_with_a_patient_or_a_lesion(program: Program, session: Session, owner: User) -> None:
    patient = make_patient(session, owner)
    lesion = make_lesion(session, patient)
    make_analysis(session, owner, patient_name="Patient's", patient_id=patient.id)
    make_analysis(session, owner, patient_name="Lesion's", patient_id=patient.id, lesion_id=lesion.id)
    make_analysis(session, owner, patient_name="Nobody's")

    assert names(program, patient=patient.public_id) == ["Lesion's", "Patient's"]
    assert names(program, lesion=lesion.public_id) == ["Lesion's"]


def test_lists_about_strangers_patients_are_not_found(stranger: Program, session: Session, owner: User) -> None:
    patient = make_patient(session, owner)

    assert stranger.get(f"/predictions?patient={patient.public_id}").status_code == 422
    assert stranger.get(f"/predictions?lesion={make_lesion(session, patient).public_id}").status_code == 422


def test_what_cant_be_read_is_refused(program: Program, subtests: pytest.Subtests) -> None:
    for query in UNREADABLE:
        with subtests.test(query):
            assert program.get(f"/predictions?{query}").status_code == 422


UNREADABLE = (
    "limit=0", "limit=201", "cursor=x", "cursor=WzFd", "label=zebra", "label=nv&accepted=false",
    "malignancy_min=2", "malignancy_max=nan", "created_from=2026-03-01T12:00:00", "created_to=yesterday",
    "created_to=0.5",
    "created_to=0001-01-01T00:00:00%2B14:00", "text=%00", "sort=oldest", "limit=1&limit=2",
)  # fmt: skip


def test_a_page_takes_the_same_queries_however_long_it_is(
    program: Program, app: Flask, session: Session, owner: User
) -> None:
    patient = make_patient(session, owner)
    lesion = make_lesion(session, patient)
    make_series(session, owner, 30, patient_id=patient.id, lesion_id=lesion.id)

    with counted_queries(app) as short:
        names(program, limit=1)
    with counted_queries(app) as long:
        assert len(names(program, limit=30)) == 30

    assert len(short) == len(long) == QUERIES
    plans = [step for plan in plans_of(app, [each for each in long if "analyses" in each]) for step in plan]
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN analyses") for step in plans), plans


QUERIES = 7  # token, count of its requests, person; ids, rows, patients, lesions


def test_conditions_on_answers_find_none_that_is_hidden(program: Program, session: Session, owner: User) -> None:
    owner.blind = True
    seen = make_analysis(session, owner, patient_name="Seen", malignancy=0.9, label="mel")
    give(session, seen, author=owner, kind=ASSESSMENT, label="nv")
    make_analysis(session, owner, patient_name="Hidden", malignancy=0.9, label="mel")
    session.commit()

    for query in ({"label": "mel"}, {"malignancy_min": "0.5"}, {"alert": "true"}, {"assessment": "against"}):
        assert names(program, **query) == ["Seen"]
    assert names(program) == ["Hidden", "Seen"]
    hidden = program.get("/predictions").json["items"][0]
    assert (hidden["concealed"], hidden["label"], hidden["alert"]) == (True, None, None)


def test_how_far_back_the_notes_were_read_is_said(
    program: Program, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "NOTES_READ", 2)
    make_series(session, owner, 6, note="Itches.")

    page = program.get("/predictions?text=itches").json

    assert len(page["items"]) == 2
    assert page["texts_since"] == "2026-03-01T12:02:00Z"
    assert program.get("/predictions").json["texts_since"] is None
