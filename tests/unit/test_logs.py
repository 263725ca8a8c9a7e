import errno
import json
import logging
import os

import pytest
import structlog
from structlog.testing import capture_logs

from app import logs
from app.clock import now
from app.jobs import job
from app.security.gate import open_to_everyone
from tests.factories import make_user, post


@job
def logging_job():
    """Write a line."""
    structlog.get_logger("app.test").info("at work")


@pytest.fixture
def handler():
    """Put the loggers back as they were."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    yield
    root.handlers = before
    root.setLevel(level)


def written(capsys, monkeypatch, *, as_json):
    """Write lines of ours and of a library, and return what went to stderr."""
    logs._write_to_stderr("INFO", as_json=as_json)
    structlog.get_logger("app.test").info("analysed", model="mobilenetv2-ham7", patient_name="Ingrid Berg")
    logging.getLogger("library").warning("mail to %s failed", "ada@clinic.example")
    try:
        int("ada@clinic.example")
    except ValueError:
        structlog.get_logger("app.test").exception("failed")
    return capsys.readouterr().err


@pytest.mark.usefixtures("app", "handler")
def test_production_writes_one_json_object_a_line(capsys, monkeypatch):
    lines = [json.loads(line) for line in written(capsys, monkeypatch, as_json=True).splitlines()]

    assert [line["event"] for line in lines] == ["analysed", "mail to [hidden] failed", "failed"]
    assert lines[0]["model"] == "mobilenetv2-ham7"
    assert lines[0]["level"] == "info"
    assert lines[0]["timestamp"].startswith(str(now().year))
    assert "tests/unit/test_logs.py" in lines[2]["exception"]
    assert lines[2]["exception"].endswith("\nValueError")


@pytest.mark.usefixtures("app", "handler")
@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_is_told_by_its_kind_and_place_and_not_in_its_own_words(capsys, as_json):
    name = "Ingrid Berg"
    logs._write_to_stderr("DEBUG", as_json=as_json)

    try:
        try:
            {}[name]
        except KeyError as error:
            error.add_note(name)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name) from error
    except OSError:
        logging.getLogger("library").exception("failed")

    told = capsys.readouterr().err
    assert "Ingrid" not in told
    assert "OSError (No space left on device)" in told
    assert told.index("KeyError") < told.index("OSError (")


@pytest.mark.usefixtures("app", "handler")
@pytest.mark.parametrize("as_json", [True, False])
def test_no_person_is_named(capsys, monkeypatch, as_json):
    text = written(capsys, monkeypatch, as_json=as_json)

    assert "analysed" in text
    assert "Ingrid" not in text
    assert "ada@clinic.example" not in text


@pytest.mark.usefixtures("app", "handler")
def test_a_second_application_does_not_double_the_lines(capsys, monkeypatch):
    logs._write_to_stderr("INFO", as_json=True)

    assert len(written(capsys, monkeypatch, as_json=True).splitlines()) == 3


def test_a_request_is_logged_by_name_without_its_query(client):
    with capture_logs() as lines:
        response = client.get("/login?next=/previous_tests?q%3DIngrid")

    request = next(line for line in lines if line["event"] == "request")
    assert request["path"] == "/login"
    assert request["status"] == 200
    assert "Ingrid" not in str(lines)
    assert len(response.headers["X-Request-ID"]) == 16


def test_each_request_has_a_name_of_its_own_that_nobody_else_chooses(client):
    names = {client.get("/login", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] for _ in range(3)}

    assert len(names) == 3
    assert "mine" not in names


def test_a_sign_in_is_logged_without_the_persons_address(client, session):
    user = make_user(session)

    with capture_logs() as lines:
        post(client, "/login", {"email": user.email, "password": "not this password"})

    assert lines
    assert user.email not in str(lines)


GIVEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, GIVEN, True),
        (1, "01234567-89ab-cdef-0123-456789abcdef", True),
        (0, GIVEN, False),
        (1, "Ingrid-Soerensen", False),
        (1, "0123456789abcdef\tIngrid", False),
        (1, "a" * 33, False),
    ],
)
def test_an_id_is_taken_from_a_proxy_that_is_believed_if_it_can_be_no_name(client, app, proxies, given, taken):
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"trusted_proxies": proxies})

    answer = client.get("/login", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is taken


def test_the_lines_of_a_job_have_the_id_of_the_request_that_sent_it(app, client, written):
    app.add_url_rule("/send", "send", open_to_everyone(lambda: logging_job.send() or "sent"))

    named = client.get("/send").headers["X-Request-ID"]

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["request_id"] for line in lines if line["event"] == "at work"] == [named]
    assert [line["job"] for line in lines if line["event"] == "at work"] == [logging_job.name]


def test_what_a_job_takes_along_that_is_no_id_is_not_written(app, written):
    app.extensions["queue"]._run(logging_job.name, [], {}, {"request_id": "Ingrid Sørensen"})

    assert "at work" in written.getvalue()
    assert "Ingrid" not in written.getvalue()
