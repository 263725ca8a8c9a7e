from dataclasses import replace

import pytest

from app.factory import create_app
from app.landing.measured import measured
from tests.factories import make_user, sign_in
from tests.fakes import CARD, NAME, FakeClassifiers


@pytest.fixture
def owner(session):
    return make_user(session, name="Ada Berg")


def test_the_landing_page_is_open_to_everyone(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "Create an account" in response.text


def test_the_landing_page_says_what_lentigo_must_not_be_used_for(client):
    page = client.get("/").text

    for use in ("Excluding melanoma", "Self-diagnosis", "without a dermatoscope", "Children, mucosa and nails"):
        assert use in page
    assert "no medical device" in page


def test_the_landing_page_shows_what_the_default_classifiers_card_says(client):
    page = client.get("/").text

    assert "How it is measured" in page
    assert "84 %" in page
    assert "interval 82 to 86 %" in page


def test_the_landing_page_claims_nothing_without_a_measured_classifier(settings):
    unmeasured = FakeClassifiers(replace(CARD, metrics={}))

    page = create_app(settings, unmeasured).test_client().get("/").text

    assert "How it is measured" not in page


def test_a_classifier_without_a_card_has_no_figures():
    assert measured([], NAME) is None


def test_a_figure_that_was_not_measured_is_left_out():
    figures = {"ham7-grouped": {"n": 10, "accuracy": {"value": 0.8, "low": 0.7, "high": 0.9}, "malignant_auc": None}}

    found = measured([replace(CARD, metrics=figures)], NAME)

    assert found is not None
    assert [figure.name for figure in found.figures] == ["Right class"]


def test_the_landing_page_leads_signed_in_people_to_their_tests(client, owner):
    sign_in(client, owner)

    page = client.get("/").text

    assert 'href="/index"' in page
    assert "Create an account" not in page


def test_every_page_can_be_left_by_a_form_and_never_by_a_link(client, owner):
    sign_in(client, owner)

    page = client.get("/index").text

    assert 'action="/logout" method="post"' in page
    assert 'href="/logout"' not in page
    assert 'name="csrf_token"' in page


@pytest.mark.parametrize("address", ["/", "/login", "/register", "/nowhere"])
def test_no_page_carries_inline_script_or_style(client, address):
    page = client.get(address).text

    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


def test_an_unknown_address_says_what_to_do_next(client):
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "Check the address" in response.text
    assert 'href="/"' in response.text


@pytest.mark.parametrize(("address", "hint"), [("/register", "new-password"), ("/login", "current-password")])
def test_password_managers_are_told_what_is_asked_for(client, address, hint):
    page = client.get(address).text

    assert f'autocomplete="{hint}"' in page
    assert 'autocomplete="username"' in page
