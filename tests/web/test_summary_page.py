"""The page for the patient is issued, signed and amended like a report."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.reports.tables import SUMMARY, Report, Signature
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from tests.factories import make_analysis, make_user, post, sign_in
from tests.web.test_reports import downloaded, sign, words_of


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"clinic_name": "St Anna", "clinic_contact": "Telephone 555 0100"})


@pytest.fixture
def analysis(session, owner, storage):
    return make_analysis(session, owner, storage=storage)


def send(client, analysis, **fields):
    return post(client, f"/results/{analysis.public_id}/reports/patient", fields)


def issued(client, session, analysis, **fields) -> Report:
    response = send(client, analysis, **fields)

    assert response.status_code == 303, response.text
    session.expire_all()
    return session.scalars(select(Report).order_by(Report.id.desc())).first()


def test_it_is_kept_and_signed_beside_the_clinical_report(reader, session, owner, analysis):
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()
    report = issued(reader, session, analysis, step="look_again", day="2027-03-01", words="Bring your glasses.")

    response = sign(reader, report)

    words = words_of(downloaded(reader, report).data)
    assert response.status_code == 303
    assert (report.kind, report.version) == (SUMMARY, 1)
    for part in (
        "thinks that it is a mole", "We will look at the spot again on 1 March 2027.", "Bring your glasses.",
        "Telephone 555 0100", f"Signed by {owner.name}", "Page 1 of 1",
    ):  # fmt: skip
        assert part in words
    assert "%" not in words.replace("Alert threshold 12 %", "")


def test_it_is_not_signed_once_the_verdict_is_another_one(reader, session, owner, analysis):
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    session.commit()
    report = issued(reader, session, analysis, step="nothing")
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel")
    session.commit()

    assert sign(reader, report).status_code == 409
    assert session.scalars(select(Signature)).all() == []


def test_it_never_says_that_nothing_is_needed_without_a_benign_verdict(reader, session, analysis):
    response = send(reader, analysis, step="nothing", words="See you.")

    assert response.status_code == 422
    assert "this would reassure on the ground of the photograph alone" in response.text
    assert "See you." in response.text
    assert session.scalars(select(Report)).all() == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Please choose what happens next."),
        ({"step": "pray"}, "Please choose what happens next."),
        ({"step": "look_again"}, "Please give the day on which you look again."),
        ({"step": "look_again", "day": "2001-01-01"}, "Please give a day from today on"),
        ({"step": "look_again", "day": "2999-01-01"}, "Please give a day from today on"),
        ({"step": "talk", "day": "2027-03-01"}, "A day is printed only where the spot is looked at again."),
        ({"step": "talk", "words": "x" * 601}, "Please use at most 600 characters."),
    ],
)
def test_what_cannot_be_printed_is_asked_for_in_a_sentence(reader, analysis, fields, sentence):
    response = send(reader, analysis, **fields)

    assert response.status_code == 422
    assert sentence in response.text


def test_a_signed_page_is_amended_with_a_reason(reader, session, analysis):
    sign(reader, issued(reader, session, analysis, step="talk"))

    refused = send(reader, analysis, step="sample")
    second = issued(reader, session, analysis, step="sample", reason="Decided on a sample.")

    assert refused.status_code == 422
    assert second.version == 2
    assert "Amends version 1. Reason: Decided on a sample." in words_of(downloaded(reader, second).data)


def test_the_form_says_what_the_page_rests_on(reader, session, owner, analysis):
    address = f"/results/{analysis.public_id}/reports/patient"
    before = reader.get(address).text
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel")
    session.commit()

    assert "No assessment is recorded" in before
    assert "It rests on the assessment: melanoma." in reader.get(address).text


def test_a_stranger_finds_no_form(client, session, analysis):
    sign_in(client, make_user(session))

    assert client.get(f"/results/{analysis.public_id}/reports/patient").status_code == 404


def test_somebody_who_is_not_signed_in_is_asked_to(client):
    assert client.get("/results/x/reports/patient").location.startswith("/login")
