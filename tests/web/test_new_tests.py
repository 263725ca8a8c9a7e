"""What is asked of a test that was just made, and what Save and Close without saving do."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT
from tests.factories import csrf_token, make_analysis, make_lesion, make_patient, make_user, post, sign_in
from tests.pictures import lesion_picture, png

ASKED = "Close without saving"


@pytest.fixture
def address(reader: FlaskClient) -> str:
    """A test that the reader has just made, by a name that was not there before."""
    return send(reader)


def send(reader: FlaskClient, form: str = "/prediction", **fields: str) -> str:
    """Send a photograph, and return the address of its result."""
    file = (io.BytesIO(png(lesion_picture(size=(96, 80)))), "a.png")
    response = post(reader, form, {"image": file, "patient_name": "Ingrid Sørensen", **fields})

    assert response.status_code == 303
    return str(response.location)


def all_of(session: Session, table: type[Any]) -> list[Any]:
    session.expire_all()
    return list(session.scalars(select(table)))


def test_a_new_test_asks_and_says_that_it_is_stored_already(reader: FlaskClient, address: str) -> None:
    page = reader.get(address).text

    assert ASKED in page
    assert "It is stored, and stays if you leave." in page
    assert "The record of Ingrid Sørensen was made for this test and holds nothing else: it is erased, too." in page
    assert ASKED in reader.get(address).text  # nothing is lost by reloading, or by the back button


def test_saving_leads_to_the_patient_and_asks_no_more(reader: FlaskClient, session: Session, address: str) -> None:
    response = post(reader, f"{address}/save", form=address)

    (patient,) = all_of(session, Patient)
    assert response.status_code == 303
    assert reader.get(response.location).location == f"/patients/{patient.public_id}"
    assert "The test is saved with this patient" in reader.get(f"/patients/{patient.public_id}").text
    assert ASKED not in reader.get(address).text


def test_saving_a_test_of_nobody_leads_to_the_history(reader: FlaskClient, session: Session, owner: User) -> None:
    make_patient(session, owner)
    make_patient(session, owner)
    address = send(reader)

    response = post(reader, f"{address}/save", form=address)

    assert response.location == "/previous_tests"
    assert "It is not kept with a patient yet." in reader.get(response.location).text


def test_closing_erases_the_test_and_the_patient_made_for_it(
    reader: FlaskClient, session: Session, address: str
) -> None:
    response = post(reader, f"{address}/close", form=address)

    assert (response.status_code, response.location) == (303, "/prediction")
    assert all_of(session, Analysis) == []
    assert all_of(session, Patient) == []
    assert "the photograph and its answer are erased" in reader.get("/prediction").text
    assert reader.get(address).status_code == 404


def test_closing_leaves_a_patient_and_a_lesion_that_were_there_before(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    lesion = make_lesion(session, patient)
    address = send(reader, f"/prediction?lesion={lesion.public_id}", lesion=lesion.public_id)
    assert "is erased, too" not in reader.get(address).text

    post(reader, f"{address}/close", form=address)

    assert all_of(session, Analysis) == []
    assert len(all_of(session, Patient)) == len(all_of(session, Lesion)) == 1


def test_closing_erases_a_lesion_that_was_made_for_the_test(
    reader: FlaskClient, session: Session, patient: Patient
) -> None:
    address = send(reader, f"/prediction?patient={patient.public_id}", lesion="new")
    assert "so is the new lesion “Lesion 1”, of which there is no other photograph" in reader.get(address).text

    post(reader, f"{address}/close", form=address)

    assert all_of(session, Lesion) == []
    assert len(all_of(session, Patient)) == 1


def test_what_was_written_of_the_new_patient_meanwhile_is_not_erased(
    reader: FlaskClient, session: Session, address: str
) -> None:
    (patient,) = all_of(session, Patient)
    patient.notes = "Melanoma in the family."
    session.commit()

    post(reader, f"{address}/close", form=address)

    assert all_of(session, Analysis) == []
    assert len(all_of(session, Patient)) == 1


@pytest.mark.parametrize("what", ["assessment", "report"])
def test_a_test_to_which_something_was_added_is_not_closed(
    reader: FlaskClient, session: Session, owner: User, address: str, what: str
) -> None:
    token = csrf_token(reader.get(address).text)
    (analysis,) = all_of(session, Analysis)
    if what == "report":
        post(reader, f"{address}/reports/new")
    else:
        give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
        session.commit()

    response = reader.post(f"{address}/close", data={"csrf_token": token})

    assert response.location == address
    page = reader.get(address).text
    assert "The test was not closed" in page
    assert ASKED not in page
    assert len(all_of(session, Analysis)) == 1


def test_after_an_hour_a_test_is_one_of_the_earlier_ones(reader: FlaskClient, session: Session, address: str) -> None:
    (analysis,) = all_of(session, Analysis)
    analysis.created_at = now() - timedelta(hours=2)
    session.commit()

    assert ASKED not in reader.get(address).text


def test_a_test_of_another_day_is_not_asked_about_and_not_closed(
    reader: FlaskClient, session: Session, owner: User
) -> None:
    earlier = make_analysis(session, owner)
    address = f"/results/{earlier.public_id}"

    page = reader.get(address).text
    response = post(reader, f"{address}/close", form="/prediction")

    assert ASKED not in page
    assert response.location == address
    assert len(all_of(session, Analysis)) == 1


@pytest.mark.parametrize("step", ["save", "close"])
def test_a_stranger_finds_nothing_to_answer(client: FlaskClient, session: Session, owner: User, step: str) -> None:
    analysis = make_analysis(session, owner)
    sign_in(client, make_user(session))

    assert post(client, f"/results/{analysis.public_id}/{step}", form="/prediction").status_code == 404
    assert len(all_of(session, Analysis)) == 1


@pytest.mark.parametrize("step", ["save", "close"])
def test_an_anonymous_person_is_asked_to_sign_in(client: FlaskClient, step: str) -> None:
    response = post(client, f"/results/anything/{step}", form="/login")

    assert response.status_code == 302
    assert response.location.startswith("/login")
