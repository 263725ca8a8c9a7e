from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.extensions import db
from app.results.history.listing import PAGE_LENGTH
from app.results.tables import Analysis
from tests.factories import make_analysis, make_lesion, make_patient, make_user

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = re.compile(r'<a class="stretched-link"[^>]*>([^<]*)</a>')


def listed(reader: FlaskClient, address: str = "/previous_tests", **query: Any) -> list[str]:
    response = reader.get(address, query_string=query or None)

    assert response.status_code == 200
    return NAMES.findall(response.text)


def make_series(session: Session, owner: User, count: int) -> list[Analysis]:
    """Commit `count` analyses of Patient 000, 001, ...: the later, the less suspicious."""
    return [
        make_analysis(
            session,
            owner,
            patient_name=f"Patient {number:03}",
            created_at=START + timedelta(hours=number),
            malignancy=1 - number / count,
        )
        for number in range(count)
    ]


def turn(reader: FlaskClient, html: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    return None if found is None else reader.get(found[1].replace("&amp;", "&")).text


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """Gather what a page asks the database, without what records in the audit log that it was asked for."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not any(table in statement for table in ("audit_events", "audit_heads", "data_keys")):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def plans_of(app: Flask, statements: list[str]) -> list[list[str]]:
    """Return what SQLite would do for each statement, step by step."""
    with app.app_context(), db.engine.connect() as connection:
        explain = [(f"EXPLAIN QUERY PLAN {each}", (1,) * each.count("?")) for each in statements]
        return [[row.detail for row in connection.exec_driver_sql(*each)] for each in explain]


def test_it_lists_only_ones_own_tests(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name="Mine")
    make_analysis(session, make_user(session), patient_name="Theirs")

    assert listed(reader) == ["Mine"]


def test_it_sends_the_anonymous_to_sign_in(client: FlaskClient) -> None:
    response = client.get("/previous_tests?patient=x")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login?next=")


def test_without_tests_it_says_what_to_do(reader: FlaskClient) -> None:
    html = reader.get("/previous_tests").text

    assert "No tests yet" in html
    assert re.search(r'<section class="empty">.*href="/prediction"', html, re.DOTALL)
    assert 'role="search"' not in html


def test_when_nothing_is_found_it_says_how_to_widen(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner)

    html = reader.get("/previous_tests?patient=nobody").text

    assert "No test matches" in html
    assert 'value="nobody"' in html
    assert 'href="/previous_tests">Show all tests' in html


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["Cem", "bea", "Ada"]),
        ("newest", ["Cem", "bea", "Ada"]),
        ("oldest", ["Ada", "bea", "Cem"]),
        ("suspicious", ["bea", "Ada", "Cem"]),
    ],
)
def test_it_sorts(reader: FlaskClient, session: Session, owner: User, sort: str, names: list[str]) -> None:
    for name, hour, malignancy in (("Ada", 0, 0.5), ("bea", 1, 0.9), ("Cem", 2, 0.1)):
        moment = START + timedelta(hours=hour)
        make_analysis(session, owner, patient_name=name, created_at=moment, malignancy=malignancy)

    assert listed(reader, **({"sort": sort} if sort else {})) == names


def test_it_lists_patient_by_patient_however_a_name_is_spelt(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    for name in ("Ada", "Bea", "Cem", "ada", "BEA", "Cem"):
        make_analysis(session, owner, patient_name=name)

    found = listed(reader, sort="patient")

    assert [name.casefold() for name in found[::2]] == [name.casefold() for name in found[1::2]]
    assert len({name.casefold() for name in found[::2]}) == 3


def test_most_suspicious_first_puts_what_has_no_answer_last_and_does_not_rank_it(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    for name, malignancy, accepted in (("A", 0.2, True), ("B", 0.99, False), ("C", 0.0, True), ("D", 0.5, False)):
        make_analysis(session, owner, patient_name=name, malignancy=malignancy, accepted=accepted)

    assert listed(reader, sort="suspicious") == ["A", "C", "D", "B"]  # the last two by when they were made


@pytest.mark.parametrize("sort", ["newest", "oldest", "suspicious", "patient"])
def test_every_page_of_every_order_is_read_from_one_index(
    app: Flask, reader: FlaskClient, session: Session, owner: User, sort: str
) -> None:
    make_series(session, owner, PAGE_LENGTH + 1)

    with counted_queries(app) as statements:
        assert turn(reader, reader.get(f"/previous_tests?sort={sort}").text, "next")
    plans = plans_of(app, [statement for statement in statements if "ORDER BY analyses" in statement])

    assert len(plans) == 2
    for plan in plans:
        assert len(plan) == 1  # no "USE TEMP B-TREE FOR ORDER BY"
        assert "USING COVERING INDEX ix_analyses_clinic_" in plan[0]


@pytest.mark.parametrize(
    "case",
    [
        ("patient=patie", "patient"),
        ("nobody=y", "nobody"),
        ("label=nv", "label"),
        ("diagnosis=nv&sort=patient", "diagnosis"),
        ("diagnosis=against", "diagnosis"),
        ("malignancy_from=50&sort=oldest", "suspicion"),
        ("date_from=2026-03-01&date_to=2026-03-01&sort=suspicious", "created"),
        ("assessment=none", "created"),
        ("site=back&sort=suspicious", "suspicion"),
        ("alert=y&sort=patient", "patient"),
    ],
)
def test_every_filter_is_answered_from_an_index_alone(
    app: Flask, reader: FlaskClient, session: Session, owner: User, case: tuple[str, str]
) -> None:
    query, index = case
    make_series(session, owner, PAGE_LENGTH + 1)

    with counted_queries(app) as statements:
        assert reader.get(f"/previous_tests?{query}").status_code == 200
    shown = re.compile("heatmap|retake")  # the tests of the page, and what waits, in the navigation
    searched = [each for each in statements if "FROM analyses" in each and not shown.search(each)]
    listing = [each for each in searched if each.rpartition("ORDER BY")[2].startswith(" anon")]
    plans = plans_of(app, searched)

    assert f"COVERING INDEX ix_analyses_clinic_{index} " in " ".join(plans_of(app, listing)[0])
    for detail in (detail for plan in plans for detail in plan if " analyses " in detail):
        assert detail.startswith("SEARCH analyses USING COVERING INDEX ix_analyses_clinic_")


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("weiss", ["Anna Weiß"]),
        ("WEISS", ["Anna Weiß"]),
        ("an  we", ["Anna Weiß"]),
        ("ὀδυσ", ["Ὀδυσσεύς"]),
        ("ὈΔΥΣΣΕΎΣ", ["Ὀδυσσεύς"]),
        ("ΣΣΕΎΣ", []),
        ("%", []),
        ("_case", ["snake_case"]),
        ("b", ["a/b"]),
        ("a w", []),
        ("\\", []),
        ("o'ne", ["O'Neil"]),
        ("\x00weiß\x00", ["Anna Weiß"]),
        ("  ", ["O'Neil", "a/b", "snake_case", "50% off", "Ὀδυσσεύς", "Anna Weiß"]),
    ],
)
def test_it_searches_by_patient(
    reader: FlaskClient, session: Session, owner: User, search: str, names: list[str]
) -> None:
    every = ("Anna Weiß", "Ὀδυσσεύς", "50% off", "snake_case", "a/b", "O'Neil")
    for number, name in enumerate(every):
        make_analysis(session, owner, patient_name=name, created_at=START + timedelta(hours=number))

    found = [name.replace("&#39;", "'") for name in listed(reader, patient=search)]

    assert found == names


def test_it_filters_by_class(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name="Nevus", label="nv")
    make_analysis(session, owner, patient_name="Melanoma", label="mel")

    assert listed(reader, label="mel") == ["Melanoma"]
    assert listed(reader, label="df") == []


@pytest.mark.parametrize(
    ("span", "names"),
    [
        (("37", "37"), ["0.374", "0.366"]),
        (("38", ""), ["0.92"]),
        (("", "36"), ["0.0"]),
        (("0", "100"), ["0.92", "0.374", "0.366", "0.0"]),
        (("100", "100"), []),
    ],
)
def test_it_filters_by_malignancy_as_it_is_shown(
    reader: FlaskClient, session: Session, owner: User, span: tuple[str, str], names: list[str]
) -> None:
    for malignancy in (0.0, 0.366, 0.374, 0.92):
        make_analysis(session, owner, patient_name=str(malignancy), malignancy=malignancy)

    assert listed(reader, malignancy_from=span[0], malignancy_to=span[1], sort="suspicious") == names


@pytest.mark.parametrize(
    ("span", "names"),
    [
        (("2026-03-02", "2026-03-02"), ["last moment", "midnight"]),
        (("2026-03-02", ""), ["day after", "last moment", "midnight"]),
        (("", "2026-03-01"), ["day before"]),
        (("2026-03-03", "2026-03-03"), ["day after"]),
    ],
)
def test_dates_are_whole_utc_days(
    reader: FlaskClient, session: Session, owner: User, span: tuple[str, str], names: list[str]
) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    for name, moment in (
        ("day before", midnight - timedelta(microseconds=1)),
        ("midnight", midnight),
        ("last moment", midnight + timedelta(days=1, microseconds=-1)),
        ("day after", midnight + timedelta(days=1)),
    ):
        make_analysis(session, owner, patient_name=name, created_at=moment)

    assert listed(reader, date_from=span[0], date_to=span[1]) == names


@pytest.mark.parametrize("sort", ["newest", "oldest", "suspicious", "patient"])
def test_pages_hold_every_test_once_there_and_back(
    reader: FlaskClient, session: Session, owner: User, sort: str
) -> None:
    make_series(session, owner, 2 * PAGE_LENGTH + 5)
    pages, html = [], reader.get(f"/previous_tests?sort={sort}").text
    while html:
        pages.append(NAMES.findall(html))
        last, html = html, turn(reader, html, "next") or ""
    back = [NAMES.findall(last)]
    while (last := turn(reader, last, "prev") or "") != "":
        back.append(NAMES.findall(last))

    assert [len(page) for page in pages] == [PAGE_LENGTH, PAGE_LENGTH, 5]
    assert len({name for page in pages for name in page}) == 2 * PAGE_LENGTH + 5
    assert back == pages[::-1]


@pytest.mark.parametrize("sort", ["newest", "oldest", "suspicious", "patient"])
def test_equal_keys_are_paged_too(reader: FlaskClient, session: Session, owner: User, sort: str) -> None:
    same = {"created_at": START, "malignancy": 1 / 3, "patient_key": "same"}
    for number in range(PAGE_LENGTH + 3):
        make_analysis(session, owner, patient_name=f"P{number}", **same)

    html = reader.get(f"/previous_tests?sort={sort}").text
    names = NAMES.findall(html) + NAMES.findall(turn(reader, html, "next") or "")

    assert len(set(names)) == len(names) == PAGE_LENGTH + 3


def test_filters_survive_the_turn_of_a_page(reader: FlaskClient, session: Session, owner: User) -> None:
    make_series(session, owner, PAGE_LENGTH + 2)
    make_analysis(session, owner, patient_name="Another", created_at=START)

    html = reader.get("/previous_tests?patient=patient&sort=oldest&malignancy_from=0").text
    after = turn(reader, html, "next") or ""

    assert NAMES.findall(after) == [f"Patient {PAGE_LENGTH:03}", f"Patient {PAGE_LENGTH + 1:03}"]
    assert NAMES.findall(turn(reader, after, "prev") or "") == NAMES.findall(html)


def test_a_new_test_does_not_shift_the_next_page(reader: FlaskClient, session: Session, owner: User) -> None:
    make_series(session, owner, PAGE_LENGTH + 2)
    html = reader.get("/previous_tests").text
    make_analysis(session, owner, patient_name="Newest", created_at=START + timedelta(days=9))

    assert NAMES.findall(turn(reader, html, "next") or "") == ["Patient 001", "Patient 000"]


@pytest.mark.parametrize("way", ["after", "before"])
@pytest.mark.parametrize("cursor", ["", "x", "\x00", "'--", "A" * 22, "A" * 9000, "\N{GRINNING FACE}"])
def test_a_mangled_place_leads_to_the_first_page(
    reader: FlaskClient, session: Session, owner: User, way: str, cursor: str
) -> None:
    make_analysis(session, owner, patient_name="First")

    assert listed(reader, **{way: cursor}) == ["First"]


def test_a_place_that_was_deleted_is_told(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner)

    assert "has been deleted" in reader.get("/previous_tests?after=gone").text


def test_a_strangers_test_is_no_place_to_go_on_from(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name="Mine", created_at=START + timedelta(days=1))
    theirs = make_analysis(session, make_user(session), created_at=START)

    assert listed(reader, before=theirs.public_id) == ["Mine"]
    assert "has been deleted" in reader.get(f"/previous_tests?before={theirs.public_id}").text


@pytest.mark.parametrize(
    "query",
    [
        {"malignancy_from": "many"},
        {"malignancy_from": "-1"},
        {"malignancy_to": "101"},
        {"malignancy_to": "NaN"},
        {"malignancy_from": "9" * 6000},
        {"malignancy_from": "60", "malignancy_to": "40"},
        {"date_from": "yesterday"},
        {"date_from": "2026-02-30"},
        {"date_from": "0001-01-01"},
        {"date_to": "9999-12-31"},
        {"date_from": "2026-03-02", "date_to": "2026-03-01"},
        {"label": "unheard of"},
        {"sort": "id; drop table analyses"},
        {"patient": "x" * 5000},
    ],
)
def test_a_filter_that_makes_no_sense_is_told_and_lists_nothing(
    reader: FlaskClient, session: Session, owner: User, query: dict[str, str]
) -> None:
    make_analysis(session, owner, patient_name="Somebody")

    response = reader.get("/previous_tests", query_string=query)

    assert response.status_code == 400
    assert 'class="field-error"' in response.text
    assert NAMES.findall(response.text) == []


def test_the_number_of_queries_does_not_grow_with_the_tests(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    make_series(session, owner, 1)
    with counted_queries(app) as one:
        reader.get("/previous_tests")
    make_series(session, owner, 59)
    with counted_queries(app) as sixty:
        reader.get("/previous_tests")
    with counted_queries(app) as narrowed:
        assert listed(reader, patient="patie", sort="patient", malignancy_from=0)

    # who is signed in, saved filters, how many, which, those; the navigation, and whether this is a demonstration
    assert len(one) == len(sixty) == 7
    assert len(narrowed) == 10  # how frequent the beginning is, names, and which filter tells most
    assert not any("heatmap" in statement or "OFFSET 1" in statement for statement in sixty)


def test_a_row_shows_thumbnail_class_and_malignancy(reader: FlaskClient, session: Session, owner: User) -> None:
    analysis = make_analysis(session, owner, created_at=START)

    html = reader.get("/previous_tests").text

    assert f'src="/results/{analysis.public_id}/thumbnail.jpg?seen=' in html
    assert "<span>Melanocytic nevus</span>" in html
    assert "<strong>25\N{NO-BREAK SPACE}%</strong>" in html
    assert '<time datetime="2026-03-01T12:00:00Z">1 Mar 2026, 12:00 UTC</time>' in html
    assert "Not accepted" not in html


@pytest.mark.parametrize(
    ("answered", "marked"),
    [
        ({"malignancy": 0.34, "threshold": 0.05}, True),
        ({"malignancy": 0.05, "threshold": 0.05}, True),
        ({"malignancy": 0.04, "threshold": 0.05}, False),
        ({"malignancy": 0.34, "threshold": None}, False),
        ({"malignancy": 0.34, "threshold": 0.05, "accepted": False}, False),
        ({"malignancy": 0.9, "threshold": 0.05, "label": "mel"}, False),  # the class is alarm enough
    ],
)
def test_a_benign_class_is_no_all_clear_where_the_classifier_alerted(
    reader: FlaskClient, session: Session, owner: User, answered: dict[str, object], marked: bool
) -> None:
    patient = make_patient(session, owner)
    make_analysis(session, owner, patient_id=patient.id, lesion_id=make_lesion(session, patient).id, **answered)

    lists = [reader.get(address).text for address in ("/previous_tests", f"/patients/{patient.public_id}")]

    rows = [page.partition('<ul class="analyses">')[2] or page for page in lists]
    assert ["Above the alert threshold</span>" in row for row in rows] == [marked, marked]


def test_a_row_gives_no_class_and_no_figure_of_a_photograph_that_was_not_accepted(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    make_analysis(session, owner, accepted=False)

    rows = reader.get("/previous_tests").text.partition('<ul class="analyses">')[2]

    assert "No answer" in rows
    assert "Not accepted" in rows
    assert "nevus" not in rows
    assert "malignancy" not in rows.partition("</ul>")[0].replace("analysis-malignancy", "")


def test_classes_and_figures_find_answers_only(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name="Answered")
    make_analysis(session, owner, patient_name="Refused", accepted=False)

    assert listed(reader, label="nv") == ["Answered"]
    assert listed(reader, malignancy_to=90) == ["Answered"]
    assert listed(reader, label="none") == ["Refused"]


def test_results_of_two_classes_stand_beside_those_of_seven(reader: FlaskClient, session: Session, owner: User) -> None:
    binary = {"model_name": "alexnet-binary", "probabilities": {"benign": 0.2, "malignant": 0.8}, "malignancy": 0.8}
    make_analysis(session, owner, patient_name="Seven")
    make_analysis(session, owner, patient_name="Two", **binary)

    html = reader.get("/previous_tests").text

    assert "Malignant lesion" in html
    assert '<optgroup label="Classifiers of two classes">' in html
    assert listed(reader, label="malignant") == ["Two"]
    assert listed(reader, sort="suspicious") == ["Two", "Seven"]
