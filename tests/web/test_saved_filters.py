"""Filters of the history that are kept under a name."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.saved_filters.services import MOST_SAVED
from app.results.saved_filters.tables import SavedFilter
from tests.factories import make_analysis, make_user, post

PAGE = "/previous_tests?label=mel"


def make_saved(session: Session, owner: User, name: str = "Melanomas", query: str = "label=mel") -> SavedFilter:
    saved = SavedFilter(owner_id=owner.id, name=name, query=query)
    session.add(saved)
    session.commit()
    return saved


def save(reader: FlaskClient, name: str, query: str = "label=mel") -> str:
    """Send the form below the list, and return the page that it leads to."""
    response = post(reader, "/previous_tests/saved", {"name": name, "query": query}, form=PAGE)

    assert response.status_code == 303
    return reader.get(response.location).text


@pytest.fixture
def _tests(session: Session, owner: User) -> None:
    make_analysis(session, owner, label="mel", patient_name="Ann")
    make_analysis(session, owner, patient_name="Bea")


@pytest.mark.usefixtures("_tests")
def test_a_filter_is_saved_and_found_above_the_form(reader: FlaskClient, session: Session) -> None:
    html = save(reader, "Melanomas", "label=mel&sort=oldest&nonsense=1")

    assert "The filter is saved as “Melanomas”." in html
    assert 'href="/previous_tests?sort=oldest&amp;label=mel" aria-current="true">Melanomas</a>' in html
    assert session.scalars(select(SavedFilter.query)).all() == ["sort=oldest&label=mel"]


@pytest.mark.usefixtures("_tests")
def test_saving_under_the_same_name_replaces(reader: FlaskClient, session: Session) -> None:
    save(reader, "Mine", "label=mel")
    save(reader, "Mine", "label=nv")

    assert session.scalars(select(SavedFilter.query)).all() == ["label=nv"]


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "label=mel", "Please give the filter a name."),
        ("x" * 61, "label=mel", "at most 60 characters"),
        ("a\u202eb", "label=mel", "invisible characters"),
        ("Mine", "", "Please set a filter"),
        ("Mine", "label=unheard", "Please set a filter"),
    ],
)
@pytest.mark.usefixtures("_tests")
def test_what_can_not_be_saved_is_told(reader: FlaskClient, session: Session, name: str, query: str, said: str) -> None:
    assert said in save(reader, name, query)
    assert session.scalar(select(func.count()).select_from(SavedFilter)) == 0


@pytest.mark.usefixtures("_tests")
def test_there_is_a_limit(reader: FlaskClient, session: Session, owner: User) -> None:
    for number in range(MOST_SAVED):
        make_saved(session, owner, f"Filter {number}")

    assert "Please delete one first" in save(reader, "One more")
    assert "is saved as" in save(reader, "Filter 3", "label=nv")


def test_a_saved_filter_is_renamed_and_deleted(reader: FlaskClient, session: Session, owner: User) -> None:
    saved, other = make_saved(session, owner), make_saved(session, owner, "Other")
    address = f"/previous_tests/saved/{saved.public_id}"

    post(reader, f"{address}/rename", {"name": "Suspicious"}, form="/previous_tests/saved")
    taken = post(reader, f"{address}/rename", {"name": other.name}, form="/previous_tests/saved")
    page = reader.get(taken.location).text
    post(reader, f"{address}/delete", form="/previous_tests/saved")

    assert "Another saved filter is called “Other”" in page
    assert ">Suspicious</a>" in page
    assert session.scalars(select(SavedFilter.name)).all() == ["Other"]


@pytest.mark.parametrize("deed", ["rename", "delete"])
def test_those_of_others_are_not_there(reader: FlaskClient, session: Session, owner: User, deed: str) -> None:
    make_saved(session, owner)
    theirs = make_saved(session, make_user(session), "Theirs")

    response = post(
        reader, f"/previous_tests/saved/{theirs.public_id}/{deed}", {"name": "Mine"}, form="/previous_tests/saved"
    )

    assert response.status_code == 404
    assert "Theirs" not in reader.get("/previous_tests/saved").text
    assert "Theirs" not in reader.get("/previous_tests").text


def test_the_anonymous_are_sent_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/previous_tests/saved").location.startswith("/login?next=")
    assert client.post("/previous_tests/saved").location.startswith("/login")


@pytest.mark.usefixtures("_tests")
def test_a_filter_whose_class_is_gone_breaks_no_page(reader: FlaskClient, session: Session, owner: User) -> None:
    make_saved(session, owner, "Old", "label=no_longer")

    assert reader.get("/previous_tests").status_code == 200
    page = reader.get("/previous_tests?label=no_longer")

    assert page.status_code == 400
    assert "Nothing is listed" in page.text
    assert 'class="chip" href="/previous_tests"' in page.text
