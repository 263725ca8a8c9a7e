"""Similar cases on the result page, and the photographs that may stand beside them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.results.similar import similar_cases
from config import Settings
from tests.factories import make_analysis, make_user, sign_in
from tests.pictures import jpeg, lesion_picture

CASE = {
    "image_id": "ISIC_0024306",
    "lesion_id": "HAM_0000550",
    "label": "mel",
    "confirmed_by": "histo",
    "similarity": 0.8799,
}
PHOTOGRAPH = jpeg(lesion_picture(seed=1, size=(60, 45)))


@pytest.fixture
def settings(tmp_path, settings):
    """A site that has the folder of the photographs, with one photograph in it, and a file beside the folder."""
    (tmp_path / "data" / "part_1").mkdir(parents=True)
    (tmp_path / "data" / "part_1" / "ISIC_0024306.jpg").write_bytes(PHOTOGRAPH)
    (tmp_path / "data" / "ISIC_secret.jpg").write_bytes(b"secret")
    (tmp_path / "ISIC_0024307.jpg").write_bytes(b"secret")
    return settings.model_copy(update={"data": tmp_path / "data"})


@pytest.fixture
def bare(app: Flask, settings: Settings) -> Flask:
    """The same site without the folder."""
    app.config["SETTINGS"] = settings.model_copy(update={"data": None})
    return app


def result_page(client: FlaskClient, session: Session, similar) -> str:
    owner = make_user(session)
    analysis = make_analysis(session, owner, similar=similar)
    sign_in(client, owner)
    return client.get(f"/results/{analysis.public_id}").text


@pytest.mark.parametrize(
    ("confirmed_by", "words"),
    [
        ("histo", "Confirmed by histology"),
        ("follow_up", "Unchanged at follow-up"),
        ("consensus", "Consensus of experts"),
        ("confocal", "Confirmed by confocal microscopy"),
        ("", "How it was confirmed is not recorded"),
    ],
)
def test_a_case_says_how_its_diagnosis_was_confirmed(app: Flask, confirmed_by: str, words: str) -> None:
    with app.app_context():
        (case,) = similar_cases([CASE | {"confirmed_by": confirmed_by}])

    assert case.diagnosis.name == "Melanoma"
    assert case.confirmed == words


@pytest.mark.parametrize(("cosine", "shown"), [(0.8799, "0.87"), (0.9999, "0.99"), (1.0, "1.00"), (-0.2, "0.00")])
def test_a_similarity_is_never_rounded_up(app: Flask, cosine: float, shown: str) -> None:
    with app.app_context():
        assert similar_cases([CASE | {"similarity": cosine}])[0].similarity == shown


@pytest.mark.parametrize("kept", [None, [], [CASE | {"label": "a class of a later version"}]])
def test_without_cases_that_have_a_name_there_are_none(app: Flask, kept) -> None:
    with app.app_context():
        assert similar_cases(kept) == ()


def test_the_result_page_shows_the_cases_with_their_photographs(client: FlaskClient, session: Session) -> None:
    page = result_page(client, session, [CASE])

    assert "Similar lesions" in page
    assert "Similarity 0.87" in page
    assert 'src="/similar/ISIC_0024306.jpg"' in page


def test_without_the_folder_there_is_no_picture(bare: Flask, session: Session) -> None:
    page = result_page(bare.test_client(), session, [CASE])

    assert "Similarity 0.87" in page
    assert "/similar/" not in page


def test_without_similar_cases_nothing_is_said_of_them(client: FlaskClient, session: Session) -> None:
    assert "Similar lesions" not in result_page(client, session, None)


def test_a_known_photograph_may_be_kept_by_the_browser_alone(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_user(session))

    response = client.get("/similar/ISIC_0024306.jpg")

    assert response.data == PHOTOGRAPH
    assert response.mimetype == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, max-age=86400"


@pytest.mark.parametrize(
    "name",
    ["ISIC_0000000", "ISIC_secret", "ISIC_0024307", "..%2FISIC_0024307", "ISIC_0024306%00", "%2e%2e/ISIC_0024307"],
)
def test_nothing_else_can_be_fetched(client: FlaskClient, session: Session, name: str) -> None:
    sign_in(client, make_user(session))

    response = client.get(f"/similar/{name}.jpg")

    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"
    assert b"secret" not in response.data


def test_a_site_without_the_folder_has_no_known_photographs(bare: Flask, session: Session) -> None:
    client = bare.test_client()
    sign_in(client, make_user(session))

    assert client.get("/similar/ISIC_0024306.jpg").status_code == 404


def test_an_empty_setting_is_none_and_not_the_folder_that_the_site_is_started_in(monkeypatch) -> None:
    monkeypatch.setenv("LENTIGO_DATA", "")

    assert Settings(environment="testing").data is None
