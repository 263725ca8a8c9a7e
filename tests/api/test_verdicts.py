"""Verdicts through the API: said, taken back, and never changed behind somebody's back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.api.tokens.scopes import READ
from app.auth.tables import User
from app.clock import now
from app.results.tables import Analysis
from tests.api.conftest import Program
from tests.factories import make_analysis, make_token

FOUND = {"kind": "diagnosis", "label": "mel", "basis": "histology"}


@pytest.fixture
def here(session: Session, owner: User) -> str:
    return f"/predictions/{make_analysis(session, owner).public_id}/verdicts"


def say(program: Program, here: str, **said: Any) -> Any:
    return program.post(here, json={"kind": "assessment", "label": "nv", **said})


def test_an_assessment_is_recorded_with_who_and_when(program: Program, here: str, owner: User) -> None:
    response = say(program, here, note="Regular network.")

    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1{here}/1"
    assert program.get(f"{here}/1").json == response.json
    assert response.json | {"created_at": None} == {
        "number": 1,
        "kind": "assessment",
        "label": "nv",
        "label_name": "Melanocytic nevus",
        "in_force": True,
        "basis": None,
        "found_on": None,
        "note": "Regular network.",
        "author": owner.name,
        "blind": False,
        "created_at": None,
    }


def test_the_first_look_of_somebody_who_looks_blind_is_marked_as_such(
    program: Program, session: Session, owner: User
) -> None:
    owner.blind, owner.blind_since = True, now() - timedelta(days=1)
    analysis = make_analysis(session, owner)

    first = say(program, f"/predictions/{analysis.public_id}/verdicts").json
    second = say(program, f"/predictions/{analysis.public_id}/verdicts", label="mel").json

    assert (first["blind"], second["blind"]) == (True, False)


def test_what_was_said_stays_in_the_list(program: Program, here: str) -> None:
    say(program, here)
    program.post(here, json=FOUND)
    say(program, here, label=None)

    page = program.get(here, query_string={"limit": 2}).json
    rest = program.get(here, query_string={"cursor": page["next"]}).json

    shown = [(each["number"], each["kind"], each["label"], each["in_force"]) for each in page["items"] + rest["items"]]
    assert shown == [(3, "assessment", None, False), (2, "diagnosis", "mel", True), (1, "assessment", "nv", False)]
    assert rest["next"] is None


def test_what_is_in_force_already_is_not_recorded_twice(program: Program, here: str) -> None:
    assert [say(program, here).json["number"] for _ in range(2)] == [1, 1]


def test_nothing_unseen_is_replaced(program: Program, here: str) -> None:
    assert say(program, here, replaces=0).status_code == 201
    unseen = say(program, here, label="mel", replaces=0)
    seen = say(program, here, label="mel", replaces=1)

    assert (unseen.status_code, unseen.json["type"]) == (409, "/api/docs#changed-meanwhile")
    assert (seen.status_code, seen.json["number"]) == (201, 2)
    assert say(program, here, label="bcc", replaces=9).status_code == 409


def test_where_nothing_was_said_nothing_is_taken_back(program: Program, here: str) -> None:
    response = say(program, here, label=None)

    assert (response.status_code, response.json["type"]) == (409, "/api/docs#nothing-to-take-back")


def test_what_makes_no_sense_is_refused(program: Program, here: str, subtests: pytest.Subtests) -> None:
    for said, place in SENSELESS:
        with subtests.test(str(said)[:40]):
            response = program.post(here, json=FOUND | said)

            assert response.status_code == 422
            assert [error["name"] for error in response.json["errors"]] == [place]

    assert program.get(here).json["items"] == []


SENSELESS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"label": "uncertain", "basis": "histology"}, "/label"),
    ({"basis": None}, "/basis"),
    ({"basis": "guess"}, "/basis"),
    ({"kind": "assessment"}, "/basis"),
    ({"kind": "opinion"}, "/kind"),
    ({"label": "zebra"}, "/label"),
    ({"label": None}, "/basis"),
    ({"kind": "assessment", "basis": None, "found_on": "2026-03-01"}, "/found_on"),
    ({"found_on": "2999-01-01"}, "/found_on"),
    ({"found_on": "1850-01-01"}, "/found_on"),
    ({"note": "n" * 2001}, "/note"),
    ({"replaces": -1}, "/replaces"),
)


def test_a_repeat_records_nothing(program: Program, here: str, session: Session) -> None:
    headers = {"Idempotency-Key": "k"}
    first = program.post(here, json=FOUND, headers=headers)
    say(program, here)
    program.post(here, json=FOUND | {"label": "bcc"})

    again = program.post(here, json=FOUND, headers=headers)

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert (again.json["number"], again.json["in_force"]) == (first.json["number"], False)
    assert len(program.get(here).json["items"]) == 3


def test_a_stranger_says_nothing_here(stranger: Program, here: str, session: Session) -> None:
    assert say(stranger, here).status_code == 404
    assert session.query(Analysis).one().assessment is None


def test_a_token_for_reading_says_nothing(app: Flask, session: Session, owner: User, here: str) -> None:
    assert say(Program(app.test_client(), make_token(session, owner, scope=READ)), here).status_code == 403


def test_there_is_no_verdict_of_another_number(program: Program, here: str) -> None:
    say(program, here)

    assert [program.get(f"{here}/{number}").status_code for number in ("1", "01", "2", "x")] == [200, 404, 404, 404]
