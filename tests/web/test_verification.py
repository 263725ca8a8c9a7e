"""Verification: open to everybody, and silent about the patient."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from app.auth.tables import FailedSignIn
from app.reports.codes import grouped, new_code
from app.reports.records import sha256
from app.results.services import remove
from tests.factories import csrf_token, make_analysis, post, sign_in
from tests.web.test_reports import downloaded, issued, sign


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"sign_in_failures_address": 3})


@pytest.fixture
def analysis(session, owner, storage):
    return make_analysis(session, owner, storage=storage, note="Grew over the summer.", body_site="scalp")


@pytest.fixture
def report(reader, session, analysis):
    return issued(reader, session, analysis)


@pytest.fixture
def anybody(app):
    return app.test_client()


def verified(client, report) -> str:
    response = client.get(f"/verify/{grouped(report.code)}")

    assert response.status_code == 200
    return response.text


def compared(client, report, content: bytes) -> str:
    address = f"/verify/{report.code}"
    token = csrf_token(client.get(address).text)
    file = (io.BytesIO(content), "report.pdf")
    page = client.post(address, data={"csrf_token": token, "file": file}).text
    return page.partition("data-compared")[2].partition("<template")[0]


def test_a_typed_code_leads_to_what_is_known_of_it(anybody, report):
    response = post(anybody, "/verify", {"code": grouped(report.code).lower().replace("-", " ")})

    assert response.status_code == 303
    assert response.location == f"/verify/{grouped(report.code)}"


def test_a_mistyped_code_is_told_before_it_is_looked_up(anybody, session, report):
    wrong = ("0" if report.code[0] != "0" else "2") + report.code[1:]

    typed, followed = post(anybody, "/verify", {"code": wrong}), anybody.get(f"/verify/{wrong}")

    for response in (typed, followed):
        assert response.status_code == 422
        assert "At least one character of this code is not as printed" in response.text
        assert wrong in response.text
    assert session.scalars(select(FailedSignIn)).all() == []


def test_an_unknown_code_is_said_to_be_unknown(anybody):
    response = anybody.get(f"/verify/{new_code()}")

    assert response.status_code == 404
    assert "No report with this code was issued here" in response.text


def test_a_draft_is_not_to_be_relied_on(anybody, report):
    page = verified(anybody, report)

    assert "Issued, but not signed" in page
    assert "A genuine report has this code" not in page


def test_a_signed_report_is_genuine_and_its_signature_is_shown(anybody, reader, owner, report):
    sign(reader, report)

    page = verified(anybody, report)

    assert "A genuine report has this code" in page
    assert "has not been replaced" in page
    assert owner.name in page
    for printed in (report.text_sha256, report.photograph_sha256, report.pdf_sha256, "mobilenetv2-ham7 1.0.0", "12"):
        assert printed in page


def test_nothing_is_told_of_the_patient_or_the_result(anybody, reader, session, analysis, report):
    sign(reader, report)
    issued(reader, session, analysis, reason="Ingrid has moved.")

    page = verified(anybody, report).lower()

    for private in ("Ingrid", "moved", "Sørensen", "nevus", "melanoma", "scalp", "summer", "benign", "malignan"):
        assert private.lower() not in page
    assert analysis.public_id.lower() not in page


def test_an_amendment_is_announced_and_replaces_the_report_once_signed(anybody, reader, session, analysis, report):
    sign(reader, report)
    second = issued(reader, session, analysis, reason="The site was wrong.")

    before = verified(anybody, report)
    sign(reader, second)
    after = verified(anybody, report)

    assert "A genuine report has this code" in before
    assert "It is about to be replaced by version 2" in before
    assert "Genuine, but replaced" in after
    assert "It was replaced by version 2" in after
    assert "has not been replaced" in verified(anybody, second)


def test_of_an_erased_report_only_that_it_was_erased_is_told(app, reader, session, analysis, report):
    sign(reader, report)
    final = downloaded(reader, report).data
    code = report.code
    with app.app_context():
        remove(session, analysis)
        session.commit()

    page = app.test_client().get(f"/verify/{code}").text

    assert "This report was erased" in page
    assert "Ada Berg" not in page
    assert "A genuine report" not in page
    assert sha256(final) in page


def test_a_file_is_compared_with_what_was_issued(anybody, reader, report):
    draft = downloaded(reader, report).data
    sign(reader, report)
    final = downloaded(reader, report).data

    assert "This is the signed report, unchanged." in compared(anybody, report, final)
    assert "as it was issued, before it was signed" in compared(anybody, report, draft)
    assert "This is not the file" in compared(anybody, report, final + b" ")


def test_a_comparison_without_a_file_asks_for_one(anybody, report):
    response = post(anybody, f"/verify/{report.code}")

    assert response.status_code == 422
    assert "Please choose the file of the report." in response.text


def test_guessing_codes_brings_a_pause_and_neither_stops_signing_in(app, anybody, owner, report):
    for _ in range(3):
        assert anybody.get(f"/verify/{new_code()}").status_code == 404

    paused = anybody.get(f"/verify/{report.code}")

    assert paused.status_code == 429
    assert int(paused.headers["Retry-After"]) > 0
    sign_in(anybody, owner)


def test_looking_up_reports_that_exist_is_not_counted(anybody, report):
    answers = [anybody.get(f"/verify/{report.code}").status_code for _ in range(6)]

    assert answers == [200] * 6
