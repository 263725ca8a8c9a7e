"""The history as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Patient
from app.results.history import export
from app.results.history.filters import Filters
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from tests.factories import make_analysis, make_lesion, make_user
from tests.web.test_history import listed

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def exported(reader: FlaskClient, **query: Any) -> list[dict[str, str]]:
    return rows_of(reader.get("/previous_tests/export.csv", query_string=query))


def test_it_holds_what_is_listed_in_the_same_order(reader: FlaskClient, session: Session, owner: User) -> None:
    for number in range(25):
        make_analysis(session, owner, patient_name=f"P{number}", malignancy=number / 25, created_at=START)
    make_analysis(session, owner, patient_name="Other", label="mel")
    make_analysis(session, make_user(session), patient_name="Theirs")
    query = {"label": "nv", "malignancy_to": 60, "sort": "suspicious"}

    rows = exported(reader, **query)

    assert [row["patient"] for row in rows] == [f"P{number}" for number in range(15, -1, -1)]
    assert [row["patient"] for row in rows] == listed(reader, **query)


def test_a_row_holds_what_was_said_answered_and_found(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    lesion = make_lesion(session, patient, label="Nape")
    kept = {"patient_id": patient.id, "lesion_id": lesion.id, "patient_name": patient.name}
    shares = {"probabilities_with_patient": {"nv": 0.5}, "created_at": START, "note": "itches"}
    analysis = make_analysis(session, owner, **kept, **shares)
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel", note="asymmetric")
    give(session, analysis, author=owner, kind=DIAGNOSIS, label="nv", basis="histology")
    session.commit()

    (row,) = exported(reader)

    expected = {
        "test": analysis.public_id, "time_utc": "2026-03-01T12:00:00Z", "patient": "Ingrid Sørensen",
        "kept_with_a_patient": "yes", "lesion": "Nape", "age": "54", "note": "itches", "answer": "Answered",
        "classifier": "mobilenetv2-ham7", "version": "1.0.0", "class": "nv", "class_name": "Melanocytic nevus",
        "malignancy": "0.25", "alert_threshold": "0.12", "alert": "yes", "p_nv": "0.6", "p_nv_with_patient": "0.5",
        "p_benign": "", "assessment": "mel", "assessment_name": "Melanoma", "assessment_note": "asymmetric",
        "diagnosis": "nv", "diagnosis_basis": "histology", "diagnosis_found_on": "",
    }  # fmt: skip
    assert expected.items() <= row.items()


def test_a_verdict_that_was_taken_back_is_left_empty(reader: FlaskClient, session: Session, owner: User) -> None:
    analysis = make_analysis(session, owner)
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel", note="asymmetric")
    give(session, analysis, author=owner, kind=ASSESSMENT, label=None)
    session.commit()

    (row,) = exported(reader)

    assert {value for name, value in row.items() if name.startswith("assessment")} == {""}


def test_what_was_not_accepted_has_no_answer_and_what_is_hidden_stays_so(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    make_analysis(session, owner, accepted=False, reasons=["blurred"], created_at=START)
    make_analysis(session, owner, created_at=START - timedelta(days=1))
    owner.blind = True
    session.commit()

    refused, hidden = exported(reader)

    assert (refused["answer"], refused["reasons"]) == ("No answer: not accepted", "blurred")
    assert hidden["answer"] == "Hidden until you have entered your assessment"
    for row in (refused, hidden):
        told = ("class", "class_name", "malignancy", "alert", "views_changed", *(f"p_{code}" for code in export.CODES))
        assert {row[name] for name in told} == {""}


def test_no_text_becomes_a_formula(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name='=HYPERLINK("http://x")', note="@SUM(A1)")

    (row,) = exported(reader)

    assert (row["patient"], row["note"]) == ('\'=HYPERLINK("http://x")', "'@SUM(A1)")


def test_tests_that_were_ticked_are_exported_alone_and_only_ones_own(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    make_analysis(session, owner, patient_name="Left out")
    ticked = make_analysis(session, owner, patient_name="Ticked")
    theirs = make_analysis(session, make_user(session), patient_name="Theirs")

    rows = exported(reader, ticked="y", test=[ticked.public_id, theirs.public_id], sort="oldest")

    assert [row["patient"] for row in rows] == ["Ticked"]


def test_without_a_tick_it_says_so_and_keeps_the_filters(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner)

    response = reader.get("/previous_tests/export.csv?ticked=y&label=nv")

    assert (response.status_code, response.location) == (303, "/previous_tests?label=nv")
    assert "Please tick the tests" in reader.get(response.location).text


def test_a_filter_that_makes_no_sense_leads_to_the_form(reader: FlaskClient) -> None:
    response = reader.get("/previous_tests/export.csv?malignancy_from=many")

    assert response.status_code == 303
    assert reader.get(response.location).status_code == 400


def test_the_file_name_tells_nothing_of_anybody_and_nothing_keeps_a_copy(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    make_analysis(session, owner)

    headers = reader.get("/previous_tests/export.csv?patient=ingrid").headers

    assert headers["Content-Disposition"].startswith('attachment; filename="lentigo-tests-20')
    assert "ingrid" not in headers["Content-Disposition"]
    assert headers["Cache-Control"] == "no-store"


def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/previous_tests/export.csv").location.startswith("/login?next=")


def test_it_ends_at_a_limit_and_says_so(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_EXPORTED", 2)
    for _ in range(3):
        make_analysis(session, owner)

    rows = exported(reader)

    assert len(rows) == 3
    assert rows[-1]["test"].startswith("The file ends here")


def test_rows_are_read_as_they_are_asked_for(session: Session, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "READ_AT_ONCE", 5)
    for _ in range(30):
        make_analysis(session, owner)

    rows: Iterator[Any] = export.found_rows(session, owner, Filters())
    few = list(islice(rows, 3))

    assert len(few) == 3
    assert len(session.identity_map) <= 1 + 2 * 5  # the person, and no more than what was read at once
