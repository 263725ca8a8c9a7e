"""Consents, and everything about a patient, for programs."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.consents.tables import Consent
from tests.api.conftest import Program
from tests.factories import make_patient

SAID = {"purpose": "research", "given": True, "day": "2026-03-01", "how": "paper", "form_version": "2026-03"}


def test_a_consent_is_recorded_and_listed_with_who_recorded_it(program: Program, session: Session, owner: User) -> None:
    address = f"/patients/{make_patient(session, owner).public_id}/consents"

    made = program.post(address, json=SAID)
    program.post(address, json=SAID | {"given": False})

    assert made.status_code == 201
    assert [item["given"] for item in program.get(address).json["items"]] == [False, True]
    assert program.get(address).json["items"][1]["author"] == owner.name


@pytest.mark.parametrize("wrong", [{"day": "2999-01-01"}, {"purpose": "advertising"}, {"how": None}, {"id": 1}])
def test_what_can_not_be_is_not_recorded(
    program: Program, session: Session, owner: User, wrong: dict[str, object]
) -> None:
    address = f"/patients/{make_patient(session, owner).public_id}/consents"

    assert program.post(address, json=SAID | wrong).status_code == 422
    assert session.scalars(select(Consent)).all() == []


def test_everything_about_a_patient_comes_as_a_zip_file(program: Program, session: Session, owner: User) -> None:
    patient = make_patient(session, owner)

    response = program.get(f"/patients/{patient.public_id}/export")

    archive = zipfile.ZipFile(io.BytesIO(response.data))
    assert json.loads(archive.read("patient.json"))["name"] == "Ingrid Sørensen"


@pytest.mark.parametrize("address", ["consents", "export"])
def test_a_stranger_finds_nothing(stranger: Program, session: Session, owner: User, address: str) -> None:
    patient = make_patient(session, owner)

    assert stranger.get(f"/patients/{patient.public_id}/{address}").status_code == 404
