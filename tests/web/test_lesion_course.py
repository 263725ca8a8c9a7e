"""The page of a lesion: two photographs compared, and what was answered over time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from tests.factories import make_analysis, make_lesion, make_patient, make_user, sign_in
from tests.web.test_history import counted_queries

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
PICTURES = re.compile(r'<image href="/results/([^/]+)/image(?:\?[^"]*)?"')
POINTS = re.compile(r'<td data-value="([\d.]+)">')


@pytest.fixture
def lesion(session: Session, patient: Patient) -> Lesion:
    return make_lesion(session, patient)


class Photographs:
    """Makes photographs of one lesion, a day apart."""

    def __init__(self, session: Session, owner: User, lesion: Lesion) -> None:
        self._session, self._owner, self._lesion, self._count = session, owner, lesion, 0

    def __call__(self, **columns: Any) -> Analysis:
        self._count += 1
        kept = {"patient_id": self._lesion.patient_id, "lesion_id": self._lesion.id}
        columns = {"created_at": START + timedelta(days=self._count), "photograph_sha256": str(self._count)} | columns
        return make_analysis(self._session, self._owner, **kept, **columns)


@pytest.fixture
def photograph(session: Session, owner: User, lesion: Lesion) -> Photographs:
    return Photographs(session, owner, lesion)


def page(reader: FlaskClient, lesion: Lesion, **query: str) -> str:
    return str(reader.get(f"/lesions/{lesion.public_id}", query_string=query).text)


def test_the_first_and_the_newest_photograph_are_compared_and_no_other_is_loaded(
    reader: FlaskClient, lesion: Lesion, photograph: Photographs
) -> None:
    made = [photograph() for _ in range(4)]

    shown = page(reader, lesion)

    assert PICTURES.findall(shown) == [made[0].public_id, made[3].public_id]
    assert "3 days later" in shown


def test_any_two_can_be_chosen_and_stand_in_the_order_of_time(
    reader: FlaskClient, lesion: Lesion, photograph: Photographs
) -> None:
    made = [photograph() for _ in range(4)]

    shown = page(reader, lesion, then=made[2].public_id, now=made[1].public_id)

    assert PICTURES.findall(shown) == [made[1].public_id, made[2].public_id]
    assert re.findall(r'<option value="([^"]+)" selected', shown) == [made[1].public_id, made[2].public_id]


def test_a_photograph_of_another_lesion_is_never_compared(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion, photograph: Photographs
) -> None:
    first, last = photograph(), photograph()
    mole = make_lesion(session, make_patient(session, owner))
    other = make_analysis(session, owner, patient_id=mole.patient_id, lesion_id=mole.id)

    pages = [page(reader, lesion, then=first.public_id, now=now) for now in (other.public_id, first.public_id, "x")]

    for shown in pages:
        assert PICTURES.findall(shown) == [first.public_id, last.public_id]
        assert "please choose two different ones" in shown


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_photographs_are_not_compared(
    reader: FlaskClient, lesion: Lesion, photograph: Photographs, count: int
) -> None:
    for _ in range(count):
        photograph()

    shown = page(reader, lesion)

    assert PICTURES.findall(shown) == []
    assert "comparison.js" not in shown
    assert "data-chart" not in shown


def test_what_differs_besides_the_lesion_is_said(reader: FlaskClient, lesion: Lesion, photograph: Photographs) -> None:
    photograph(width=600, height=450, frame_side=450)
    photograph(width=2048, height=1536, frame_side=768, reasons=["blurred"])

    shown = page(reader, lesion)

    assert "differ in their pixels (600 × 450, then 2048 × 1536)" in shown  # noqa: RUF001 - as one writes it
    assert "how much of the shorter side the square takes up (100\xa0%, then 50\xa0%)" in shown
    assert "The later photograph: " in shown
    assert "They are not registered to each other" in shown


def test_alike_photographs_are_not_said_to_differ(reader: FlaskClient, lesion: Lesion, photograph: Photographs) -> None:
    photograph()
    photograph()

    shown = page(reader, lesion)

    assert "The photographs differ" not in shown
    assert "Cameras and distances are not known" in shown


def test_one_picture_taken_in_twice_is_told(reader: FlaskClient, lesion: Lesion, photograph: Photographs) -> None:
    photograph(photograph_sha256="same")
    photograph(photograph_sha256="same")

    assert "Both are the same picture: there is no change to be measured." in page(reader, lesion)


def test_the_chart_has_a_point_for_each_answer_and_none_for_what_was_not_accepted(
    reader: FlaskClient, lesion: Lesion, photograph: Photographs
) -> None:
    photograph(malignancy=0.25)
    photograph(malignancy=0.75, accepted=False)
    photograph(malignancy=0.5)

    shown = page(reader, lesion)

    assert POINTS.findall(shown) == ["0.25", "0.5"]
    assert "No answer: the photograph was not accepted" in shown
    assert 'data-mark-y="0.12"' in shown


def test_each_version_of_a_classifier_has_a_line_of_its_own(
    reader: FlaskClient, lesion: Lesion, photograph: Photographs
) -> None:
    photograph()
    photograph(model_version="2.0.0", threshold=0.2)

    shown = page(reader, lesion)

    assert re.findall(r'<th scope="col">(MobileNetV2[^<]+)', shown) == [
        "MobileNetV2, seven classes, version 1.0.0",
        "MobileNetV2, seven classes, version 2.0.0",
    ]
    assert "data-mark-y" not in shown
    assert "version 2.0.0: 20\xa0%." in shown


def test_a_concealed_answer_is_nowhere_on_the_page(
    reader: FlaskClient, session: Session, owner: User, lesion: Lesion, photograph: Photographs
) -> None:
    owner.blind = True
    photograph(malignancy=0.25, assessment="nv")
    photograph(malignancy=0.875)
    session.commit()

    shown = page(reader, lesion)

    assert POINTS.findall(shown) == ["0.25"]
    assert not re.search(r"0\.875|88\xa0%", shown)
    assert shown.count("Hidden until you have entered your assessment") == 2
    assert shown.count("Melanocytic nevus") == 1


def test_with_every_answer_concealed_there_is_no_chart(
    reader: FlaskClient, owner: User, session: Session, lesion: Lesion, photograph: Photographs
) -> None:
    owner.blind = True
    photograph()
    photograph()
    session.commit()

    assert "No photograph has an answer that can be shown yet." in page(reader, lesion)


def test_the_number_of_queries_does_not_grow_with_the_photographs(
    app: Flask, reader: FlaskClient, lesion: Lesion, photograph: Photographs
) -> None:
    for _ in range(2):
        photograph()
    with counted_queries(app) as two:
        page(reader, lesion)
    for _ in range(20):
        photograph()
    with counted_queries(app) as many:
        page(reader, lesion)

    assert len(many) == len(two)


def test_a_stranger_compares_nothing(
    client: FlaskClient, session: Session, lesion: Lesion, photograph: Photographs
) -> None:
    first, last = photograph(), photograph()
    stranger = make_user(session)
    own = make_lesion(session, make_patient(session, stranger))
    sign_in(client, stranger)

    theirs = client.get(f"/lesions/{lesion.public_id}?then={first.public_id}&now={last.public_id}")
    mine = page(client, own, then=first.public_id, now=last.public_id)

    assert theirs.status_code == 404
    assert PICTURES.findall(mine) == []
