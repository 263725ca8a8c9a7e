"""The pages of the audit log."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.audit.events import CHANGE, REFUSED, VIEW, Event
from app.audit.log import append
from app.audit.state import file_of, keep_state
from app.audit.verification import Finding
from app.auth.tables import User
from app.oversight.selectors import PAGE_LENGTH
from app.patients.tables import Patient
from app.security.roles import AUDITOR, CLINICIAN
from config import Settings
from tests.factories import make_patient, make_user, sign_in


@pytest.fixture
def colleague(session: Session, owner: User) -> User:
    return make_user(session, name="Ole Lund", clinic=owner.clinic, role=CLINICIAN)


def browser_of(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, user)
    return client


def event(user: User, **facts: object) -> Event:
    ordinary = {"actor_id": user.id, "role": user.role, "clinic_id": user.clinic_id, "channel": "site"}
    return Event(**{"action": VIEW, "operation": "patients.show", **ordinary, **facts})


def test_an_auditor_reads_in_plain_words_who_has_looked_at_a_record(
    app: Flask, session: Session, owner: User, colleague: User, patient: Patient
) -> None:
    browser_of(app, colleague).get(f"/patients/{patient.public_id}")
    auditor = browser_of(app, make_user(session, clinic=owner.clinic, role=AUDITOR, name="Eva Rask"))

    page = auditor.get(f"/audit?patient={patient.public_id}").text

    assert "Ole Lund opened a patient&#39;s record." in page
    assert "Eva Rask signed in." not in page
    assert patient.name in page


def test_the_log_of_another_clinic_is_not_there(
    app: Flask, session: Session, reader: FlaskClient, owner: User, patient: Patient
) -> None:
    reader.get(f"/patients/{patient.public_id}")
    stranger = make_user(session, name="Mallory")

    page = browser_of(app, stranger).get("/audit").text

    assert "Mallory signed in." in page
    assert "Ada Berg" not in page
    assert browser_of(app, stranger).get(f"/audit?patient={patient.public_id}").status_code == 404


def test_a_clinician_has_no_page_of_the_log_but_the_own_activity(
    app: Flask, colleague: User, reader: FlaskClient
) -> None:
    client = browser_of(app, colleague)

    own = client.get("/account/activity").text

    assert client.get("/audit").status_code == 404
    assert client.get("/audit/events.csv").status_code == 404
    assert "Ole Lund signed in." in own
    assert "Ada Berg signed in." not in own


@pytest.mark.parametrize("address", ["/audit", "/audit/events.csv", "/account/activity"])
def test_an_anonymous_person_is_asked_to_sign_in(client: FlaskClient, address: str) -> None:
    assert client.get(address).location.startswith("/login")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"opened a patient&#39;s record.", "changed a lesion.", "looked at a test"}),
        ("action=change", {"changed a lesion."}),
        ("outcome=refused", {"looked at a test"}),
        ("date_from=2001-01-01&date_to=2001-12-31", set()),
        ("date_from=2001-01-01", {"opened a patient&#39;s record.", "changed a lesion.", "looked at a test"}),
    ],
)
def test_the_log_is_searched(
    reader: FlaskClient, session: Session, colleague: User, query: str, expected: set[str]
) -> None:
    lesion = event(colleague, action=CHANGE, operation="lesions.edit")
    append(session, [event(colleague), lesion, event(colleague, operation="results.show", outcome=REFUSED)])
    session.commit()

    page = reader.get(f"/audit?person={colleague.public_id}&{query}").text

    words = {"opened a patient&#39;s record.", "changed a lesion.", "looked at a test"}
    assert {each for each in words if each in page} == expected


@pytest.mark.parametrize("query", ["person=nobody", "action=x", "date_from=x", "patient=Ingrid", "outcome=1"])
def test_what_can_not_be_searched_for_is_said(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/audit?{query}").status_code == 400


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_a_page_that_begins_nowhere_begins_at_the_newest(reader: FlaskClient, before: str) -> None:
    assert "Ada Berg signed in." in reader.get(f"/audit?before={before}").text


def test_long_logs_come_page_by_page(reader: FlaskClient, session: Session, owner: User) -> None:
    append(session, [event(owner, operation="patients.show") for _ in range(PAGE_LENGTH + 1)])
    session.commit()

    first = reader.get("/audit?action=view").text
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = reader.get(older).text

    assert first.count("opened a patient") == PAGE_LENGTH
    assert second.count("opened a patient") == 1


def test_an_export_is_safe_for_spreadsheets_and_is_an_event_itself(
    app: Flask, session: Session, reader: FlaskClient, owner: User
) -> None:
    owner.name = "=cmd()"
    session.commit()

    rows = list(csv.reader(io.StringIO(reader.get("/audit/events.csv").get_data(as_text=True))))

    assert rows[1][2] == "'=cmd()"
    assert "exported a part of the audit log" in reader.get("/audit").text


def test_a_patient_who_is_erased_leaves_events_without_a_name(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    append(session, [event(owner, patient_id="A" * 22)])
    session.commit()

    assert "Of a patient whose record is no longer here." in reader.get("/audit").text


def test_overseers_are_told_that_the_log_was_tampered_with(reader: FlaskClient, settings: Settings) -> None:
    keep_state(file_of(settings), Finding(breaks=["Event 3 is missing."]))

    assert "This log was tampered with" in reader.get("/audit").text


def test_the_number_of_queries_does_not_grow_with_the_events(
    app: Flask, reader: FlaskClient, session: Session, owner: User, colleague: User
) -> None:
    def asked() -> int:
        from tests.web.test_history import counted_queries

        with counted_queries(app) as statements:
            reader.get("/audit")
        return len(statements)

    append(session, [event(owner, patient_id=make_patient(session, owner).public_id)])
    session.commit()
    few = asked()
    patients = [make_patient(session, owner).public_id for _ in range(5)]
    append(session, [event(each, patient_id=patient) for each in (owner, colleague) for patient in patients])
    session.commit()

    assert asked() == few
