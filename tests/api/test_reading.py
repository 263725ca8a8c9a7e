"""What a request may be at all: its kind, its size, how much is said of what is wrong with it."""

from __future__ import annotations

import pytest

from app.api.reading import LARGEST_BODY, MOST_LISTED
from tests.api.conftest import Program

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"[" * 1_000_000, 400, "malformed"),
        ('{"name": "Ann"}'.encode("utf-16"), 400, "malformed"),
        (b'{"name": "\\ud800"}', 400, "malformed"),
        (b'{"name": "%s"}' % (b"x" * LARGEST_BODY), 413, "body-too-large"),
        (b'{"name": NaN}', 422, "invalid"),
    ],
)
def test_what_can_not_be_json_is_refused_as_such(program: Program, content: bytes, status: int, kind: str) -> None:
    response = program.post("/patients", data=content, headers=JSON)

    assert response.status_code == status
    assert response.json["type"] == f"/api/docs#{kind}"


def test_only_so_many_errors_are_listed(program: Program) -> None:
    response = program.post("/patients", json={f"field {number}": number for number in range(2 * MOST_LISTED)})

    assert response.status_code == 422
    assert len(response.json["errors"]) == MOST_LISTED


def test_what_is_wrong_is_said_without_what_was_sent(program: Program) -> None:
    response = program.post("/patients", json={"name": "Ann", "birth_year": "Secret"})

    assert response.json["errors"] == [
        {"place": "body", "name": "/birth_year", "detail": "Input should be a valid integer"}
    ]
    assert "Secret" not in response.text


def test_other_kinds_of_content_are_not_taken(program: Program) -> None:
    assert program.post("/patients", data={"name": "Ann"}).status_code == 415
    assert program.post("/predictions", json={}).status_code == 415
