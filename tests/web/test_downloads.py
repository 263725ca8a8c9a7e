"""Files that the site answers, wherever it answers no page: what they are called, what a browser does with them."""

from __future__ import annotations

import re

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.auth.tables import User
from app.security.downloads import download, picture
from app.security.gate import open_to_everyone
from app.security.policy import FILE_POLICY
from tests.nothing_leaves import connections
from tests.visits import visits
from tests.web.test_concealment import Walk, analysis, settings, walk  # noqa: F401 - a site with one of each thing

ATTACHED = re.compile(r'attachment; filename="lentigo-[A-Za-z0-9._-]+\.(csv|pdf|zip|dcm|json)"')
# What is no page, by what it is: everything at an address that is not here must be HTML.
FILES = {
    "application/dicom": {"dicom.single"},
    "application/fhir+json": {"fhir.download", "api_exchange.fhir"},
    "application/pdf": {
        "reports.working_copy", "reports.download", "batches.results_pdf", "api_prediction_files.report",
        "api_batch_results.report",
    },
    "application/zip": {"dicom.archive", "api_exchange.dicom", "api_rights.export"},
    "text/csv": {
        "dashboard.table", "history.export", "batches.results_csv", "api_batch_results.results_csv", "oversight.export",
    },
}  # fmt: skip
PICTURES = {
    "image/png": {"results.image", "results.heatmap", "api_prediction_files.image", "api_prediction_files.heatmap"},
    "image/jpeg": {"results.thumbnail", "api_prediction_files.thumbnail"},
}


NAMELESS = {"application/json", "application/manifest+json", "text/javascript", "image/svg+xml"}


@pytest.fixture
def answers(walk: Walk, owner: User, session: Session) -> dict[str, TestResponse]:  # noqa: F811
    """Return what is answered at an address of each endpoint."""
    owner.blind = False
    session.commit()
    with connections() as asked:
        found = {endpoint: answer for endpoint, (_, answer) in visits(walk).items()}
    assert asked == []  # a site that nobody has told to connects to no one, not even on this machine
    return found


def test_every_file_is_kept_under_a_name_of_ours_and_nothing_in_it_runs(
    answers: dict[str, TestResponse],
) -> None:
    kinds: dict[str, set[str]] = {}
    for endpoint, answer in answers.items():
        kinds.setdefault(answer.mimetype, set()).add(endpoint)

    assert {kind: kinds[kind] for kind in kinds if kind not in NAMELESS | {"text/html"}} == FILES | PICTURES
    for endpoint, answer in answers.items():
        if endpoint == "static":
            continue
        headers, name = answer.headers, answer.headers.get("Content-Disposition")
        assert headers["X-Content-Type-Options"] == "nosniff", endpoint
        if answer.mimetype in FILES:
            assert ATTACHED.fullmatch(name or ""), endpoint
        else:
            assert name == ("inline" if answer.mimetype in PICTURES else None), endpoint
        if answer.mimetype in FILES | PICTURES:
            assert headers["Content-Security-Policy"] == FILE_POLICY, endpoint
            assert headers["Cache-Control"] == "no-store", endpoint


def test_what_no_view_has_named_is_to_be_kept_and_not_shown(app: Flask, client: FlaskClient) -> None:
    odd = open_to_everyone(lambda: Response(b"<svg/>", mimetype="image/svg+xml"))
    app.add_url_rule("/odd", "odd", odd)

    response = client.get("/odd")

    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["Content-Security-Policy"] == FILE_POLICY


@pytest.mark.parametrize("name", ["Ingrid Sørensen.pdf", 'a"; filename="b.exe', "a\r\nSet-Cookie: b", "../a.pdf", ""])
def test_a_name_that_somebody_typed_makes_no_file(name: str) -> None:
    with pytest.raises(ValueError, match="must be ours"):
        download(b"", "application/pdf", name)


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/pdf"])
def test_what_a_browser_could_run_is_shown_in_no_page(kind: str) -> None:
    with pytest.raises(ValueError, match="is to be downloaded"):
        picture(b"", kind)
