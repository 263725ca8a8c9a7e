"""What can be asked of the history, and how much of it is looked at for that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Patient
from app.results import names
from app.results.history import lookups, search
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from tests.factories import make_analysis, make_lesion, make_patient, make_user
from tests.web.test_history import NAMES, counted_queries, listed, plans_of, turn

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_named(session: Session, owner: User, **named: dict[str, Any]) -> None:
    """Commit an analysis for each name, the later the newer."""
    for hour, (name, columns) in enumerate(named.items()):
        make_analysis(session, owner, **{"patient_name": name, "created_at": START + timedelta(hours=hour), **columns})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"site": "face"}, ["B"]),
        ({"site": "face", "label": "mel"}, []),
        ({"classifier": "alexnet-binary"}, ["C"]),
        ({"classifier": "never-heard-of"}, []),
        ({"alert": "y"}, ["D", "B", "A"]),
        ({"alert": "y", "site": "back"}, ["D", "A"]),
        ({"label": "any"}, ["D", "C", "B", "A"]),
        ({"label": "none"}, ["E"]),
        ({"assessment": "any"}, ["D", "A"]),
        ({"assessment": "none"}, ["E", "C", "B"]),
        ({"assessment": "benign"}, ["A"]),
        ({"assessment": "malignant"}, []),
        ({"assessment": "uncertain"}, ["D"]),
        ({"diagnosis": "malignant"}, ["E", "B", "A"]),
        ({"diagnosis": "bcc"}, ["B"]),
        ({"diagnosis": "against"}, ["B"]),
        ({"diagnosis": "against", "assessment": "none"}, ["B"]),
        ({"assessment": "against"}, ["A"]),
        ({"diagnosis": "malignant", "assessment": "benign", "alert": "y", "site": "back"}, ["A"]),
    ],
)
def test_it_filters(
    reader: FlaskClient, session: Session, owner: User, query: dict[str, str], names: list[str]
) -> None:
    make_named(
        session,
        owner,
        A={"label": "mel", "malignancy": 0.9, "assessment": "nv", "diagnosis": "mel"},
        B={"body_site": "face", "malignancy": 0.2, "diagnosis": "bcc"},
        C={"model_name": "alexnet-binary", "label": "benign", "malignancy": 0.1, "threshold": None},
        D={"malignancy": 0.12, "assessment": "uncertain"},
        E={"accepted": False, "malignancy": 0.99, "label": "nv", "diagnosis": "mel"},
    )

    assert listed(reader, **query) == names


def test_tests_that_are_kept_with_nobody_are_found_by_that_and_by_name(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    make_analysis(session, owner, patient_name=patient.name, patient_id=patient.id)
    nobodys = make_analysis(session, owner, patient_name="Ingrid Doubtful")

    assert listed(reader, nobody="y") == [nobodys.patient_name]
    assert sorted(listed(reader, patient="ingrid")) == ["Ingrid Doubtful", patient.name]


def test_it_searches_the_labels_of_lesions_also_of_one_patient(
    reader: FlaskClient, session: Session, owner: User, patient: Patient
) -> None:
    other = make_patient(session, owner, name="Cem")
    for each, label in ((patient, "Über dem Knie"), (other, "Über dem Nabel"), (other, "Nape")):
        lesion = make_lesion(session, each, label=label)
        make_analysis(session, owner, patient_name=each.name, patient_id=each.id, lesion_id=lesion.id)

    assert sorted(listed(reader, lesion="über")) == ["Cem", patient.name]
    assert listed(reader, lesion="ÜBER", patient="cem") == ["Cem"]


def test_it_searches_notes_and_those_of_verdicts(reader: FlaskClient, session: Session, owner: User) -> None:
    make_named(session, owner, A={"note": "Ödem am Rand"}, B={"note": "100% stable"}, C={})
    told = make_analysis(session, owner, patient_name="D", created_at=START)
    give(session, told, author=owner, kind=DIAGNOSIS, label="mel", basis="histology", note="Ödem, see histology")
    session.commit()

    assert sorted(listed(reader, text="ödem")) == ["A", "D"]
    assert listed(reader, text="0%") == ["B"]
    assert listed(reader, text="ödem", diagnosis="mel") == ["D"]
    assert listed(reader, text="nothing of the kind") == []


def test_notes_of_others_are_not_searched(reader: FlaskClient, session: Session) -> None:
    make_analysis(session, make_user(session), note="secret", patient_name="Theirs")

    assert listed(reader, text="secret") == []


def test_it_says_how_far_back_notes_were_searched(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "NOTES_READ", 2)
    for day in range(4):
        make_analysis(session, owner, patient_name=f"Day {day}", note="itches", created_at=START + timedelta(days=day))

    html = reader.get("/previous_tests?text=itches").text

    assert NAMES.findall(html) == ["Day 3", "Day 2"]
    assert "Notes were searched back to <time" in html
    assert "3 March 2026, 12:00 UTC</time> only." in html
    assert listed(reader, text="itches", date_to="2026-03-02") == ["Day 1", "Day 0"]
    assert "searched back" not in reader.get("/previous_tests?text=itches&date_to=2026-03-02").text


@pytest.mark.parametrize("sort", ["newest", "oldest", "suspicious", "patient"])
def test_a_long_history_is_looked_through_a_stretch_at_a_time_and_nothing_is_missed(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 7)
    faces = {4, 13, 26, 39, 55}  # from each end, one closes a stretch after which there is none
    for number in range(60):
        name, site = f"P{number:02}", "face" if number in faces else "back"
        same = {"created_at": START + timedelta(hours=number // 3), "malignancy": number / 60, "patient_key": name}
        wanted = {"body_site": site, "assessment": "nv", "diagnosis": None}
        make_analysis(session, owner, patient_name=name, **same, **wanted)

    def turned(html: str | None, rel: str) -> list[str]:
        pages = []
        while html and len(pages) < 20:
            pages.append(html)
            html = turn(reader, html, rel)
        return pages

    pages = turned(reader.get(f"/previous_tests?sort={sort}&site=face").text, "next")
    back = turned(pages[-1], "prev")
    again = turned(back[-1], "next")

    assert sorted(name for page in pages for name in NAMES.findall(page)) == [
        f"P{number:02}" for number in sorted(faces)
    ]
    for others in (back, again):
        assert {name for page in others for name in NAMES.findall(page)} == {f"P{number:02}" for number in faces}
    assert "At least" in pages[0]
    assert "7 tests were looked through" in pages[0]
    assert "looked through" not in pages[-1]


def test_what_an_index_finds_is_searched_whole_in_every_order(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 7)
    for number in range(30):
        label = "df" if number in (0, 29) else "nv"
        make_analysis(session, owner, patient_name=f"P{number:02}", label=label, malignancy=1 - number / 30)

    html = reader.get("/previous_tests?label=df&site=back&sort=suspicious").text

    assert NAMES.findall(html) == ["P00", "P29"]
    assert "2 tests found" in html
    assert "looked through" not in html


def test_many_names_are_found_in_the_order_of_the_list(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST_NAMES", 2)
    make_named(session, owner, Anna={}, Annika={}, Anneke={}, Cem={})

    assert listed(reader, patient="ann") == ["Anneke", "Annika", "Anna"]


def test_a_great_number_is_not_counted_to_its_end(
    reader: FlaskClient, session: Session, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    make_named(session, owner, A={}, B={}, C={})

    assert "More than 2 tests" in reader.get("/previous_tests").text


def test_each_filter_that_is_set_can_be_taken_off(reader: FlaskClient, session: Session, owner: User) -> None:
    make_analysis(session, owner, patient_name="Ann")

    html = reader.get("/previous_tests?patient=ann&label=mel&malignancy_from=0&alert=y&sort=oldest").text
    chips = dict(re.findall(r'class="chip" href="([^"]+)"><span>([^<]+)</span>', html))

    assert list(chips.values()) == [
        "Patient: ann",
        "Class: Melanoma",
        "Malignancy from 0 %",
        "Above the alert threshold",
    ]
    assert "/previous_tests?patient=ann&amp;sort=oldest&amp;malignancy_from=0&amp;alert=y" in chips


def test_the_number_of_queries_is_the_same_for_any_filters_of_a_kind(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    counts = []
    for _ in range(2):
        make_named(session, owner, A={"note": "x"}, B={"note": "x"}, C={"note": "x"})
        with counted_queries(app) as statements:
            listed(reader, text="x", label="nv", assessment="none", lesion="", malignancy_to=90, date_from="2026-01-01")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 14


@pytest.mark.parametrize("query", ["alert=y", "diagnosis=against", "label=nv", "malignancy_from=0"])
def test_filters_by_the_answer_leave_out_what_is_hidden_and_say_so(
    reader: FlaskClient, session: Session, owner: User, query: str
) -> None:
    make_named(session, owner, Hidden={"diagnosis": "mel"}, Seen={"diagnosis": "mel", "assessment": "mel"})
    owner.blind = True
    session.commit()

    html = reader.get(f"/previous_tests?{query}").text

    assert NAMES.findall(html) == ["Seen"]
    assert "left out" in html


def test_where_malignancy_counts_hidden_answers_follow_all_others_the_newest_first(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    assessed = {"assessment": "nv"}
    make_named(
        session,
        owner,
        HiddenLow={"malignancy": 0.1},
        Low={"malignancy": 0.2, **assessed},
        HiddenHigh={"malignancy": 0.99},
        High={"malignancy": 0.9, **assessed},
        HiddenNewest={"malignancy": 0.5},
        Refused={"accepted": False},
    )
    owner.blind = True
    session.commit()

    assert listed(reader, sort="suspicious") == ["High", "Low", "Refused", "HiddenNewest", "HiddenHigh", "HiddenLow"]


def test_pages_run_from_the_answers_into_the_hidden_ones_and_back(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    for number in range(45):
        make_analysis(session, owner, patient_name=f"P{number:02}", assessment="nv" if number % 2 else None)
    owner.blind = True
    session.commit()

    first = reader.get("/previous_tests?sort=suspicious").text
    second = turn(reader, first, "next") or ""
    third = turn(reader, second, "next") or ""

    pages = [NAMES.findall(page) for page in (first, second, third)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert len({name for page in pages for name in page}) == 45
    assert all(int(name[1:]) % 2 for name in pages[0])
    assert NAMES.findall(turn(reader, third, "prev") or "") == pages[1]
    assert NAMES.findall(turn(reader, second, "prev") or "") == pages[0]


def test_an_assessment_is_found_whoever_looks_blind(reader: FlaskClient, session: Session, owner: User) -> None:
    analysis = make_analysis(session, owner, patient_name="A")
    owner.blind = True
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel")
    session.commit()

    assert listed(reader, assessment="mel") == ["A"]


def test_what_was_found_by_its_text_is_looked_up_by_its_id(
    app: Flask, reader: FlaskClient, session: Session, owner: User
) -> None:
    make_named(session, owner, A={"note": "x"}, B={"note": "x"})

    with counted_queries(app) as statements:
        assert listed(reader, text="x", site="back") == ["B", "A"]
    plans = plans_of(app, [each for each in statements if "analyses.id IN" in each])

    assert plans
    for detail in (detail for plan in plans for detail in plan if " analyses " in detail):
        assert detail == "SEARCH analyses USING INTEGER PRIMARY KEY (rowid=?)"
