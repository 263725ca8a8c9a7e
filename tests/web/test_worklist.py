from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from app.worklist.listing import counts_of, page_of
from app.worklist.sections import sections_of
from tests.factories import make_analysis, make_follow_up, make_lesion, make_user, sign_in
from tests.web.test_history import counted_queries

HEADING = re.compile(r'<h2 id="([a-z-]+)">')
ITEM = re.compile(r'<li class="(?:analysis|work-item)\b')
START = datetime(2026, 3, 1, tzinfo=UTC)
CODES = ("alerts", "follow-ups", "retakes", "whose")


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient)


@pytest.fixture
def full(session: Session, owner: User, patient: Patient, lesion: Lesion) -> None:
    """Something in each section, for each patient."""
    one_of_each(session, owner, patient, lesion)
    make_analysis(session, owner, malignancy=0.05)


def one_of_each(session: Session, owner: User, patient: Patient, lesion: Lesion) -> None:
    kept = {"patient_id": patient.id, "lesion_id": lesion.id}
    make_analysis(session, owner, malignancy=0.9, **kept)
    make_analysis(session, owner, malignancy=0.05, accepted=False, reasons=["unfamiliar"], **kept)
    make_follow_up(session, owner, lesion)


def test_each_section_stands_under_its_heading_the_most_pressing_first(reader: FlaskClient, full: None) -> None:
    page = reader.get("/worklist").text

    assert HEADING.findall(page) == list(CODES)
    assert '<span class="nav-count">4</span>' in page


def test_an_empty_worklist_says_so_calmly(reader: FlaskClient) -> None:
    page = reader.get("/worklist").text

    assert "Nothing waits for you" in page
    assert "nav-count" not in page


def waiting(session: Session, user: User, code: str) -> list[int]:
    """Return the ids of what waits in a section, read in pages of two."""
    section = next(section for section in sections_of(user) if section.code == code)
    found, after = [], None
    while True:
        page = page_of(session, user, section, 2, after)
        found += [row[0].id for row in page.rows]
        after = page.after
        if after is None:
            return found


def test_alerts_are_accepted_tests_from_the_threshold_on_the_most_suspicious_first(
    session: Session, owner: User, patient: Patient
) -> None:
    kept = {"patient_id": patient.id, "threshold": 0.3}
    at, highest, middle = (make_analysis(session, owner, malignancy=m, **kept) for m in (0.3, 0.9, 0.5))
    make_analysis(session, owner, malignancy=0.29, **kept)
    make_analysis(session, owner, malignancy=0.9, accepted=False, **kept)
    make_analysis(session, owner, malignancy=0.9, patient_id=patient.id, threshold=None)

    assert waiting(session, owner, "alerts") == [highest.id, middle.id, at.id]


@pytest.mark.parametrize(("kind", "basis"), [(ASSESSMENT, None), (DIAGNOSIS, "histology")])
def test_a_verdict_takes_an_alert_off_the_list_and_taking_it_back_puts_it_on_again(
    session: Session, owner: User, patient: Patient, kind: str, basis: str | None
) -> None:
    alert = make_analysis(session, owner, malignancy=0.9, patient_id=patient.id)

    give(session, alert, author=owner, kind=kind, label="nv", basis=basis)
    with_verdict = waiting(session, owner, "alerts")
    give(session, alert, author=owner, kind=kind, label=None)

    assert with_verdict == []
    assert waiting(session, owner, "alerts") == [alert.id]


def test_who_looks_blind_first_is_not_told_which_answers_are_alerts(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    owner.blind = True
    kept = {"patient_id": patient.id}
    tests = [
        make_analysis(session, owner, malignancy=malignancy, created_at=START + timedelta(days=day), **kept)
        for day, malignancy in enumerate((0.9, 0.01, 0.5))
    ]
    make_analysis(session, owner, malignancy=0.9, assessment="nv", **kept)

    page = reader.get("/worklist").text

    assert HEADING.findall(page) == ["unassessed"]
    assert '<span class="nav-count">3</span>' in page
    assert waiting(session, owner, "unassessed") == [test.id for test in reversed(tests)]
    assert reader.get("/worklist/alerts").status_code == 404


def test_follow_ups_are_listed_two_weeks_ahead_the_longest_overdue_first(
    session: Session, owner: User, patient: Patient
) -> None:
    today = now().date()
    soon, overdue, last = (
        make_follow_up(session, owner, make_lesion(session, patient), due=today + timedelta(days=days))
        for days in (1, -30, 14)
    )
    make_follow_up(session, owner, make_lesion(session, patient), due=today + timedelta(days=15))
    make_follow_up(session, owner, make_lesion(session, patient), done_at=now())

    assert waiting(session, owner, "follow-ups") == [overdue.id, soon.id, last.id]


def test_what_is_kept_with_nobody_waits_for_a_choice(session: Session, owner: User, patient: Patient) -> None:
    nobodys = make_analysis(session, owner, malignancy=0.05)
    make_analysis(session, owner, malignancy=0.05, patient_id=patient.id)

    assert waiting(session, owner, "whose") == [nobodys.id]


def test_archived_patients_are_left_out(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, lesion: Lesion
) -> None:
    one_of_each(session, owner, patient, lesion)
    patient.archived_at = now()
    session.commit()

    page = reader.get("/worklist").text

    assert "Nothing waits for you" in page
    assert "nav-count" not in page


@pytest.mark.parametrize("code", CODES)
def test_its_owner_turns_the_pages_of_a_section(
    reader: FlaskClient, session: Session, owner: User, patient: Patient, code: str
) -> None:
    for _ in range(22):
        lesion = make_lesion(session, patient)
        one_of_each(session, owner, patient, lesion)
        make_analysis(session, owner, malignancy=0.05)

    first = reader.get(f"/worklist/{code}").text
    (after,) = re.findall(r'rel="next" href="[^"]+after=([^"]+)"', first)
    second = reader.get(f"/worklist/{code}?after={after}").text

    assert "22 waiting" in first
    assert [page.count('<li class="analysis"') + page.count('<li class="work-item') for page in (first, second)] == [
        20,
        2,
    ]
    assert 'rel="next"' not in second


@pytest.mark.parametrize("address", ["/worklist", *(f"/worklist/{code}" for code in CODES)])
def test_a_stranger_sees_nothing_of_it(client: FlaskClient, session: Session, full: None, address: str) -> None:
    sign_in(client, make_user(session))

    page = client.get(address).text

    assert "Ingrid" not in page
    assert "nav-count" not in page


def test_a_place_in_somebody_elses_list_tells_nothing(client: FlaskClient, session: Session, full: None) -> None:
    (alert,) = session.query(Analysis).filter(Analysis.malignancy == 0.9)
    stranger = make_user(session)
    sign_in(client, stranger)
    own = make_analysis(session, stranger, malignancy=0.95, patient_name="Cem")

    page = client.get(f"/worklist/alerts?after={alert.public_id}").text

    assert own.public_id in page  # the list from its beginning, as for an id that never was


@pytest.mark.parametrize("address", ["/worklist", "/worklist/alerts"])
def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient, address: str) -> None:
    assert client.get(address).location.startswith("/login?next=")


def test_there_are_no_other_sections(reader: FlaskClient) -> None:
    assert reader.get("/worklist/everything").status_code == 404


def test_more_than_can_be_counted_at_a_glance_are_not_counted(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    alert = make_analysis(session, owner, malignancy=0.9, patient_id=patient.id)
    columns = {column.name: getattr(alert, column.name) for column in Analysis.__table__.columns if column.name != "id"}
    session.execute(Analysis.__table__.insert(), [{**columns, "public_id": f"copy{number}"} for number in range(120)])
    session.commit()

    counts = counts_of(session, owner)

    assert counts == {"alerts": 100, "follow-ups": 0, "retakes": 0, "whose": 0}
    assert '<span class="nav-count">99+</span>' in reader.get("/worklist").text


def test_the_number_of_queries_does_not_grow_with_what_waits(
    app: Flask, reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    one_of_each(session, owner, patient, make_lesion(session, patient))
    make_analysis(session, owner)
    with counted_queries(app) as few:
        reader.get("/worklist")
    for _ in range(6):
        one_of_each(session, owner, patient, make_lesion(session, patient))
        make_analysis(session, owner)

    with counted_queries(app) as more:
        reader.get("/worklist")

    assert (
        len(few) == len(more) == 8
    )  # who is looking, whether it is a demonstration, all counts together, what was not sent, and each section


@pytest.mark.parametrize(
    ("code", "index"),
    [
        ("alerts", "ix_analyses_alerted"),
        ("unassessed", "ix_analyses_unassessed"),
        ("follow-ups", "ix_follow_ups_due"),
        ("retakes", "ix_analyses_to_retake"),
        ("whose", "ix_analyses_unfiled"),
    ],
)
def test_an_index_serves_each_section_in_its_order(app: Flask, owner: User, code: str, index: str) -> None:
    owner.blind = code == "unassessed"
    section = next(section for section in sections_of(owner) if section.code == code)
    with counted_queries(app) as statements, app.app_context():
        page_of(db.session(), owner, section, 20)

        explained = f"EXPLAIN QUERY PLAN {statements[-1]}"
        values = ("",) * explained.count("?")
        plan = "\n".join(row.detail for row in db.session.connection().exec_driver_sql(explained, values))

    assert f"USING INDEX {index} (clinic_id=?" in plan
    assert "TEMP B-TREE" not in plan
