"""The page on which a scale is drawn, and what a result page says of outline and measures."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.outlines.selectors import measured
from app.results.outlines.services import draw_scale
from app.results.tables import Analysis
from tests.factories import make_analysis, make_outline, make_user, post, sign_in

LINE = {"start_x": "60", "start_y": "45", "end_x": "300", "end_y": "45", "millimetres": "10"}


@pytest.fixture
def analysis(session: Session, owner: User) -> Analysis:
    return make_analysis(session, owner)


def address(analysis: Analysis, part: str = "") -> str:
    return f"/results/{analysis.public_id}/scale{part}"


def test_a_line_of_known_length_says_at_once_how_large_the_lesion_is(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    make_outline(session, analysis, area=576.0 * 12, diameter=120.0)

    response = post(reader, address(analysis), LINE)

    page = reader.get(response.location).text
    known = measured(session, analysis)
    assert (response.status_code, response.location) == (303, address(analysis))
    assert (known.px_per_mm, known.scale.author_name) == (pytest.approx(24.0), owner.name)
    assert "24 pixels per millimetre; the longer side of the photograph is 25 mm." in page
    assert "largest diameter 5.0 mm, area 12 mm²." in page
    assert re.findall(r'name="(?:start_x|end_x|millimetres)"[^>]*value="([^"]*)"', page) == ["10", "60", "300"]


def test_a_decimal_comma_is_read(reader: FlaskClient, session: Session, analysis: Analysis) -> None:
    post(reader, address(analysis), {**LINE, "millimetres": "2,5"})

    assert measured(session, analysis).px_per_mm == pytest.approx(96.0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"millimetres": ""}, "Please give the length in millimetres, from 0.1 to 200."),
        ({"millimetres": "ten"}, "Please give the length in millimetres, from 0.1 to 200."),
        ({"millimetres": "nan"}, "Please give the length in millimetres, from 0.1 to 200."),
        ({"millimetres": "0"}, "The length must be between 0.1 and 200 mm."),
        ({"end_x": ""}, "Please give both ends of the line."),
        ({"end_x": "x"}, "Please give pixels of the photograph"),
        ({"end_x": "601"}, "does not lie inside the photograph"),
        ({"end_x": "61"}, "too short to measure by"),
    ],
)
def test_what_can_not_be_meant_is_refused_and_nothing_typed_is_lost(
    reader: FlaskClient, session: Session, analysis: Analysis, wrong: dict[str, str], said: str
) -> None:
    response = post(reader, address(analysis), {**LINE, **wrong})

    assert response.status_code == 422
    assert said in response.text
    assert 'value="60"' in response.text
    assert measured(session, analysis).scale is None


def test_an_unlikely_scale_is_kept_and_doubted(reader: FlaskClient, analysis: Analysis) -> None:
    response = post(reader, address(analysis), {**LINE, "millimetres": "100"})

    page = reader.get(response.location).text
    assert "the longer side of the photograph is 250 mm. Dermoscopic photographs mostly show 10 to 30 mm" in page


def test_a_scale_is_removed(reader: FlaskClient, session: Session, owner: User, analysis: Analysis) -> None:
    draw_scale(session, analysis, author=owner, start=(0, 0), end=(1, 0), millimetres=20)
    session.commit()

    response = post(reader, address(analysis, "/delete"), form=address(analysis))

    assert response.location == address(analysis)
    assert measured(session, analysis).scale is None
    assert "pixels per millimetre;" not in reader.get(address(analysis)).text


def test_a_stranger_finds_no_page_and_changes_nothing(
    client: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    draw_scale(session, analysis, author=owner, start=(0, 0), end=(1, 0), millimetres=20)
    session.commit()
    sign_in(client, make_user(session))

    answers = [
        client.get(address(analysis)),
        post(client, address(analysis), LINE, form="/patients/new"),
        post(client, address(analysis, "/delete"), form="/patients/new"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert measured(session, analysis).px_per_mm == pytest.approx(30.0)


def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient, session: Session, analysis: Analysis) -> None:
    answers = [client.get(address(analysis)), client.post(address(analysis), data=LINE)]

    assert all(answer.location.startswith("/login") for answer in answers)
    assert measured(session, analysis).scale is None


def test_a_result_page_has_the_outline_and_what_was_measured(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    make_outline(session, analysis)
    without = reader.get(f"/results/{analysis.public_id}").text
    draw_scale(session, analysis, author=owner, start=(0, 0), end=(1, 0), millimetres=20)
    session.commit()

    page = reader.get(f"/results/{analysis.public_id}").text

    assert 'points="300.0,112.5 390.0,225.0 300.0,337.5 210.0,225.0"' in page
    assert without.count("Needs a scale") == 2
    assert "7.5\xa0mm " in page
    assert "light brown, dark brown" in page
    assert "<dd>1.27 " in page


@pytest.mark.parametrize(
    ("outline", "said"),
    [(None, "has not been measured yet"), ({"refused": "beyond", "polygon": [], "area": None}, "beyond the square")],
)
def test_a_result_page_without_an_outline_says_why(
    reader: FlaskClient, session: Session, analysis: Analysis, outline: dict[str, object] | None, said: str
) -> None:
    if outline is not None:
        make_outline(session, analysis, **outline)

    page = reader.get(f"/results/{analysis.public_id}").text

    assert said in page
    assert "<polygon" not in page.split("Outline and measures")[1]


def test_an_outline_is_no_answer_and_shown_before_the_own_assessment(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    make_outline(session, analysis)
    owner.blind = True
    session.commit()

    page = reader.get(f"/results/{analysis.public_id}").text

    assert "<polygon" in page
    assert "Border irregularity" in page
