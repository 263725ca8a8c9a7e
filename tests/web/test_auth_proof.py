"""Asking again before erasing, exporting and making credentials."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import SignIn, User
from app.patients.tables import Patient
from tests.factories import PASSWORD, make_analysis, make_token, make_user, post, sign_in

ASKED = "Please confirm that it is you"
EXPORT = "/previous_tests/export.csv?q=Ingrid"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ACTION = re.compile(r'<form method="post" action="([^"]+)" data-once')

# The whole list: what is neither here nor asks for the password in its own form is done without being asked again.
MARKED = {
    "results.delete",
    "lesions.delete",
    "patients.erase",
    "patient_export.show",
    "research.index",
    "batches.delete",
    "batches.results_csv",
    "batches.results_pdf",
    "oversight.export",
    "history.export",
    "tokens.index",
    "clinics.disable",
    "clinics.give_role",
    "clinics.remove",
    "clinics.reset_second_step",
    "own_factors.start",
    "own_factors.app",
    "own_factors.confirm",
    "own_factors.remove_app",
    "own_factors.renew_codes",
    "own_passkeys.new",
    "own_passkeys.options",
    "own_passkeys.register",
    "own_passkeys.remove",
    "account.email",
    "account.end_sign_in",
    "account.end_others",
    "invitations.index",
}


def confirmed(client: FlaskClient, page: str, password: str = PASSWORD) -> Any:
    """Fill in the page that asks, and send it as a browser does."""
    fields = {name: html.unescape(value) for name, value in HIDDEN.findall(page[page.index(ASKED) :])}
    action = ACTION.search(page)
    assert action is not None
    return client.post(html.unescape(action[1]), data={**fields, "proof_password": password})


@pytest.fixture
def erasing(reader: FlaskClient, patient: Patient, later: Callable[[float], None]) -> Callable[[], Any]:
    """Send the form that erases a patient, some time after the sign-in."""
    later(11)
    return lambda: post(reader, f"/patients/{patient.public_id}/erase", {"name": patient.name})


def test_nothing_is_asked_soon_after_the_sign_in(reader: FlaskClient, later: Callable[[float], None]) -> None:
    later(9)

    assert reader.get(EXPORT).mimetype == "text/csv"


def test_an_export_is_asked_about_and_then_sent(reader: FlaskClient, later: Callable[[float], None]) -> None:
    later(11)

    turned_away = reader.get(EXPORT)
    asked = reader.get(turned_away.location)
    sent_on = confirmed(reader, asked.text)
    again = reader.get(EXPORT)

    assert turned_away.status_code == 302
    assert (asked.status_code, ASKED in asked.text) == (401, True)
    assert sent_on.status_code == 200
    assert f'http-equiv="refresh" content="0; url={EXPORT}"' in sent_on.text
    assert again.mimetype == "text/csv"


def test_a_form_is_carried_along_and_done_with_the_proof(
    reader: FlaskClient, session: Session, erasing: Callable[[], Any]
) -> None:
    asked = erasing()
    before = session.scalar(select(func.count(Patient.id)))

    done = confirmed(reader, asked.text)

    assert asked.status_code == 401
    assert "What you entered is kept." in asked.text
    assert (before, session.scalar(select(func.count(Patient.id)))) == (1, 0)
    assert (done.status_code, done.location) == (303, "/patients")


def test_a_wrong_password_does_nothing_and_keeps_what_was_entered(
    reader: FlaskClient, session: Session, erasing: Callable[[], Any]
) -> None:
    refused = confirmed(reader, erasing().text, "not this password")
    still_there = session.scalar(select(func.count(Patient.id)))

    done = confirmed(reader, refused.text)

    assert (refused.status_code, "The password is not right." in refused.text) == (422, True)
    assert "not this password" not in refused.text
    assert still_there == 1
    assert done.status_code == 303


def test_what_is_carried_is_worth_nothing_in_another_session(
    app: Flask, reader: FlaskClient, session: Session, erasing: Callable[[], Any]
) -> None:
    asked, mallory = erasing().text, app.test_client()
    other = make_user(session)
    sign_in(mallory, other)

    assert confirmed(mallory, asked).status_code == 400  # the token of the form is the owner's
    assert session.scalar(select(func.count(Patient.id))) == 1


def test_a_form_without_the_token_is_refused_whatever_proof_comes_along(
    reader: FlaskClient, session: Session, patient: Patient, later: Callable[[float], None]
) -> None:
    later(11)
    fields = {"name": patient.name, "proof_password": PASSWORD}

    assert reader.post(f"/patients/{patient.public_id}/erase", data=fields).status_code == 400
    assert session.scalar(select(func.count(Patient.id))) == 1


def test_what_is_carried_is_written_safely(
    reader: FlaskClient, patient: Patient, later: Callable[[float], None]
) -> None:
    later(11)

    page = post(reader, f"/patients/{patient.public_id}/erase", {"name": '"><script>', '"><b>': "x"}).text

    assert "<script>" not in page.replace("<script src", "").replace("<script type", "")
    assert "<b>" not in page


def test_the_cookie_is_another_after_a_proof_and_the_old_one_opens_nothing(
    app: Flask, reader: FlaskClient, later: Callable[[float], None]
) -> None:
    later(11)
    kept = reader.get_cookie("lentigo")
    assert kept is not None
    thief = app.test_client()
    thief.set_cookie("lentigo", kept.value)

    confirmed(reader, reader.get("/account/confirm").text)

    assert reader.get("/index").status_code == 200
    assert thief.get("/index").status_code == 302


def test_guessing_is_slowed_down_for_this_sign_in_and_no_other(
    app: Flask, reader: FlaskClient, owner: User, later: Callable[[float], None]
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, owner)
    later(11)
    page, other = reader.get("/account/confirm").text, elsewhere.get("/account/confirm").text

    statuses = [confirmed(reader, page, f"guess {number}").status_code for number in range(6)]

    assert statuses == [422] * 5 + [429]
    assert confirmed(reader, page).status_code == 429
    assert confirmed(elsewhere, other).status_code == 303
    assert post(app.test_client(), "/login", {"email": owner.email, "password": PASSWORD}).status_code == 303


def test_the_page_leads_nowhere_else(reader: FlaskClient, later: Callable[[float], None]) -> None:
    later(11)

    page = reader.get("/account/confirm", query_string={"next": "https://evil.example/"}).text

    assert "evil.example" not in page
    assert confirmed(reader, page).location == "/index"


def test_the_question_is_for_those_who_have_signed_in(client: FlaskClient) -> None:
    assert client.get("/account/confirm").location == "/login?next=/account/confirm"


def test_scripts_are_told_in_a_sentence(reader: FlaskClient, later: Callable[[float], None]) -> None:
    later(11)

    response = reader.get(EXPORT, headers={"X-Requested-With": "fetch"})

    assert (response.status_code, list(response.json)) == (401, ["error"])


def test_programs_are_not_asked(app: Flask, session: Session, owner: User, later: Callable[[float], None]) -> None:
    analysis = make_analysis(session, owner)
    headers = {"Authorization": f"Bearer {make_token(session, owner)}"}
    later(11)

    assert app.test_client().get(f"/api/v1/predictions/{analysis.public_id}", headers=headers).status_code == 200
    assert session.scalar(select(func.count(SignIn.id))) == 0


def test_what_asks_again_is_decided_here(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "asks_again", False)}

    assert marked == MARKED
