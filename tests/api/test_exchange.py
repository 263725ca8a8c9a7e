"""A test for other systems, asked for by a program: FHIR, DICOM, deliveries."""

from __future__ import annotations

import io
import zipfile

import pytest
from fhir.resources.R4B.bundle import Bundle
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.deliveries.destinations import DeliveryError, register
from app.interop.deliveries.tables import Delivery
from app.results.tables import Analysis
from app.storage import Storage
from tests.api.conftest import Program
from tests.factories import make_analysis
from tests.fakes import FakeDestination


@pytest.fixture
def system(app: Flask) -> FakeDestination:
    destination = FakeDestination()
    register(app, destination)
    return destination


@pytest.fixture
def analysis(session: Session, storage: Storage, owner: User) -> Analysis:
    return make_analysis(session, owner, storage=storage)


def send(program: Program, analysis: Analysis, **options: object):
    address = f"/predictions/{analysis.public_id}/deliveries"
    return program.post(address, json={"destination": "fhir"}, **options)


def test_a_test_is_told_in_fhir(program: Program, stranger: Program, analysis: Analysis) -> None:
    response = program.get(f"/predictions/{analysis.public_id}/fhir")

    assert response.mimetype == "application/fhir+json"
    assert Bundle.model_validate(response.json).entry
    assert stranger.get(f"/predictions/{analysis.public_id}/fhir").status_code == 404


def test_a_test_is_told_in_dicom(program: Program, stranger: Program, analysis: Analysis) -> None:
    response = program.get(f"/predictions/{analysis.public_id}/dicom.zip")

    names = zipfile.ZipFile(io.BytesIO(response.data)).namelist()
    assert "DICOMDIR" in names
    assert stranger.get(f"/predictions/{analysis.public_id}/dicom.zip").status_code == 404


@pytest.mark.parametrize("part", ["fhir", "dicom.zip"])
def test_a_hidden_answer_is_not_told(
    program: Program, session: Session, owner: User, analysis: Analysis, part: str
) -> None:
    owner.blind = True
    session.commit()

    response = program.get(f"/predictions/{analysis.public_id}/{part}")

    assert response.status_code == 403
    assert response.json["type"] == "/api/docs#answer-hidden"


def test_a_test_is_sent_once_for_one_key(
    program: Program, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    first = send(program, analysis, headers={"Idempotency-Key": "k"})
    again = send(program, analysis, headers={"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert len(system.received) == 1
    assert session.scalars(select(Delivery.public_id)).all() == [first.json["id"]]
    assert again.json["state"] == program.get(f"/deliveries/{first.json['id']}").json["state"] == "sent"


def test_a_failed_delivery_is_tried_again_and_taken_back(
    program: Program, analysis: Analysis, system: FakeDestination
) -> None:
    system.failures = [DeliveryError("It is closed.", permanent=False) for _ in range(2)]
    delivery = send(program, analysis).json["id"]

    waiting = program.get(f"/deliveries/{delivery}").json
    retried = program.post(f"/deliveries/{delivery}/retry")
    cancelled = program.post(f"/deliveries/{delivery}/cancel")

    assert (waiting["state"], waiting["reason"]) == ("waiting", "It is closed.")
    assert waiting["next_attempt_at"] is not None
    assert retried.status_code == 200
    assert cancelled.json["state"] == "cancelled"
    assert program.post(f"/deliveries/{delivery}/cancel").status_code == 409


def test_what_is_not_set_up_is_not_there(program: Program, analysis: Analysis) -> None:
    assert send(program, analysis).status_code == 404


def test_deliveries_of_others_are_not_there(
    program: Program, stranger: Program, analysis: Analysis, system: FakeDestination
) -> None:
    delivery = send(program, analysis).json["id"]

    assert [found["id"] for found in program.get(f"/predictions/{analysis.public_id}/deliveries").json["items"]] == [
        delivery
    ]
    assert stranger.get(f"/predictions/{analysis.public_id}/deliveries").status_code == 404
    assert stranger.get(f"/deliveries/{delivery}").status_code == 404
    for verb in ("retry", "cancel"):
        assert stranger.post(f"/deliveries/{delivery}/{verb}").status_code == 404
    assert send(stranger, analysis).status_code == 404
