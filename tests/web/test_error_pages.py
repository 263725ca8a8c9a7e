import sqlite3

import pytest
from flask import abort, redirect
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from app.auth.tables import User
from app.errors import (
    AppError,
    ClassifierUnavailableError,
    NotFoundError,
    RefusedUploadError,
    ThrottledError,
    TooLargeError,
)
from app.extensions import db
from app.security.gate import open_to_everyone
from tests.factories import csrf_token, make_user, sign_in

SECRET = "the name of a patient"


@pytest.fixture
def fail_with(app):
    """Make the pages /failing and /api/v1/failing, which raise an error."""

    def install(error):
        @open_to_everyone
        def failing():
            raise error

        app.add_url_rule("/failing", "failing", failing)
        app.add_url_rule("/api/v1/failing", "api_failing", failing)

    return install


@pytest.fixture
def in_earnest(app):
    """Answer unexpected errors as in production, instead of handing them to the test."""
    app.config["PROPAGATE_EXCEPTIONS"] = False


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AppError("A sentence."), 500),
        (RefusedUploadError("A sentence."), 422),
        (TooLargeError("A sentence."), 413),
        (NotFoundError("A sentence."), 404),
        (ThrottledError("A sentence.", 30), 429),
        (ClassifierUnavailableError("A sentence."), 503),
    ],
)
def test_an_error_of_ours_is_told_in_its_own_words(client, fail_with, error, status):
    fail_with(error)

    response = client.get("/failing")

    assert response.status_code == status
    assert "A sentence." in response.text
    assert error.title in response.text.replace("&#39;", "'")


def test_a_pause_says_how_long_it_is(client, fail_with):
    fail_with(ThrottledError("Please wait.", 30))

    assert client.get("/failing").headers["Retry-After"] == "30"


def test_programs_get_problem_details(client, fail_with):
    fail_with(ThrottledError("Please wait.", 30))

    response = client.get("/api/v1/failing")

    assert response.mimetype == "application/problem+json"
    assert response.headers["Retry-After"] == "30"
    assert response.json == {
        "type": "about:blank",
        "title": "Please wait a little",
        "status": 429,
        "detail": "Please wait.",
        "instance": "/api/v1/failing",
    }


def test_an_unknown_page_is_not_found(client):
    response = client.get("/no_such_page")

    assert response.status_code == 404
    assert "There is no such page, or it is not yours." in response.text


def test_an_unknown_address_of_the_api_is_a_problem(client):
    response = client.get("/api/v1/no_such_thing")

    assert response.status_code == 404
    assert response.json["title"] == "Not found"


def test_a_wrong_method_says_which_would_do(client):
    response = client.delete("/login")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("token", [None, "", "made up", "stale"])
def test_a_form_without_a_valid_token_has_expired(app, client, token):
    stale = csrf_token(app.test_client().get("/login").text)
    client.get("/login")

    response = client.post("/login", data={"csrf_token": stale if token == "stale" else token or ""})

    assert response.status_code == 400
    assert "This form has expired. Please go back, reload the page and send it again." in response.text


def test_too_large_a_request_names_the_limit(client, session, settings):
    sign_in(client, make_user(session))
    body = b"\xff" * (settings.upload_megabytes * 1024 * 1024 + 512 * 1024)

    response = client.post("/prediction", data=body, content_type="multipart/form-data; boundary=x")

    assert response.status_code == 413
    assert "up to 16 MB" in response.text


@pytest.mark.usefixtures("in_earnest")
@pytest.mark.parametrize("address", ["/failing", "/api/v1/failing"])
def test_an_unexpected_error_shows_nothing_of_the_inside(client, fail_with, address):
    fail_with(RuntimeError(SECRET))

    response = client.get(address)

    assert response.status_code == 500
    assert SECRET not in response.text
    assert "RuntimeError" not in response.text
    assert "Traceback" not in response.text
    assert "Nothing was stored." in response.text


@pytest.mark.usefixtures("in_earnest")
def test_an_error_can_be_found_in_the_logs_by_what_its_page_says(client, fail_with):
    fail_with(RuntimeError(SECRET))

    response = client.get("/failing")

    assert response.headers["X-Request-ID"] in response.text


@pytest.mark.usefixtures("in_earnest")
@pytest.mark.parametrize("error", [RuntimeError("broken"), NotFoundError("Gone.")])
def test_half_a_change_is_taken_back(app, client, session, error):
    user = make_user(session, name="Before")

    @open_to_everyone
    def half():
        db.session.scalars(select(User)).one().name = "After"
        db.session.flush()
        raise error

    @app.teardown_request
    def commit(_error):
        db.session.commit()

    app.add_url_rule("/half", "half", half)
    client.get("/half")

    session.expire_all()
    assert user.name == "Before"


def test_a_locked_database_is_said_to_be_busy(client, fail_with):
    locked = sqlite3.OperationalError("database is locked")
    fail_with(OperationalError(f"UPDATE analyses {SECRET}", {}, locked))

    response = client.get("/failing")

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "The database is busy or can" in response.text
    assert SECRET not in response.text


def test_a_database_that_is_away_can_still_be_told_of(app, client, session):
    sign_in(client, make_user(session))
    with app.app_context():
        db.metadata.tables["users"].drop(db.engine)

    response = client.get("/index")

    assert response.status_code == 503
    assert "The database is busy or can" in response.text


def test_a_redirect_is_no_error(client, app):
    @open_to_everyone
    def moved():
        abort(redirect("/login"))

    app.add_url_rule("/moved", "moved", moved)

    response = client.get("/moved")

    assert (response.status_code, response.location) == (302, "/login")


def test_other_http_errors_keep_their_status(client, fail_with):
    fail_with(TooManyRequests(retry_after=7))

    response = client.get("/failing")

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert "Too Many Requests" in response.text
