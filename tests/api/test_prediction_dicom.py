"""Photographs in DICOM files: what a file says is answered, and nothing of it is kept unless it is sent."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.upload.dicom.words import BURNED_IN
from tests.api.conftest import Program
from tests.api.photographs import send
from tests.dicoms import INGRID, baseline, dicom, region
from tests.factories import make_patient
from tests.hostile import SMALL
from tests.pictures import lesion_picture

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

BACK = region("66643007", "SCT", "Skin of back")


def test_what_the_file_says_is_answered_and_not_kept(program: Program, session: Session) -> None:
    answer = send(program, dicom(**INGRID, AnatomicRegionSequence=BACK)).json

    says = answer.pop("dicom")
    assert says | {"name": None} == {
        "name": None,
        "other_names": [],
        "patient_id": "4711",
        "born": "1970-06-12",
        "age": 53,
        "sex": "female",
        "body_site": "back",
        "region": "Skin of back",
        "side": "left",
        "taken": "2024-05-03",
        "device": "Derma Scope 3",
        "burned_in": False,
        "recognisable": False,
        "pictures": 1,
    }
    assert says["name"] == "Ingrid Sørensen"
    assert [answer[name] for name in ("age", "sex", "body_site", "note", "patient")] == [None] * 5
    assert "Ingrid" not in json.dumps(answer)
    assert session.scalars(select(Patient)).all() == []


def test_it_is_not_told_again(program: Program) -> None:
    made = send(program, dicom(**INGRID), key="k").json
    again = send(program, dicom(**INGRID), key="k")

    assert program.get(f"/predictions/{made['id']}").json["dicom"] is None
    assert (again.json["id"], again.json["dicom"]) == (made["id"], None)


def test_of_several_pictures_one_is_meant(program: Program, session: Session) -> None:
    content = baseline(*(lesion_picture(seed, SMALL) for seed in (1, 2, 3)))

    refused = [send(program, content, **fields).json for fields in ({}, {"picture": "4"})]
    second, third = (send(program, content, picture=number).json for number in ("2", "3"))

    for problem in refused:
        assert [(each["name"], each["detail"]) for each in problem["errors"]] == [
            ("picture", "Say which picture is meant, from 1 to 3.")
        ]
    assert second["dicom"]["pictures"] == 3
    assert second["sha256"] != third["sha256"]
    assert len(session.scalars(select(Analysis)).all()) == 2


def test_a_photograph_that_is_no_dicom_file_has_no_second_picture(program: Program) -> None:
    assert send(program, picture="2").status_code == 422
    assert send(program, picture="1").json["dicom"] is None


def test_writing_in_the_picture_is_looked_at_first(program: Program, session: Session) -> None:
    content = dicom(BurnedInAnnotation="YES")

    unseen = send(program, content)
    seen = send(program, content, confirmed="true")

    assert (unseen.status_code, unseen.json["type"]) == (422, "/api/docs#dicom-unconfirmed")
    assert unseen.json["detail"].startswith(BURNED_IN)
    assert (seen.status_code, seen.json["dicom"]["burned_in"]) == (201, True)
    assert len(session.scalars(select(Analysis)).all()) == 1


def test_a_file_of_somebody_else_is_not_put_down_to_a_patient_by_the_way(
    program: Program, session: Session, owner: User
) -> None:
    cem = make_patient(session, owner, name="Cem Kaya", sex="male", birth_year=1985)

    unseen = send(program, dicom(**INGRID), patient=cem.public_id)
    seen = send(program, dicom(**INGRID), patient=cem.public_id, confirmed="true")

    assert (unseen.status_code, unseen.json["type"]) == (422, "/api/docs#dicom-unconfirmed")
    assert "The file is of Ingrid Sørensen. You have chosen Cem Kaya." in unseen.json["detail"]
    assert (seen.json["patient"], seen.json["sex"]) == (cem.public_id, "male")
