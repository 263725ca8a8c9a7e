"""A photograph is sent, and comes back with its answer."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.tokens.scopes import READ
from app.auth.tables import User
from app.clock import now
from app.decoding.limits import Limits
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import Storage
from app.upload.framing import OUTSIDE, TOO_SMALL
from models.labels import BINARY, HAM7
from tests.api.conftest import Program
from tests.api.photographs import HERE, send
from tests.factories import make_lesion, make_patient, make_token, make_user, post, sign_in
from tests.fakes import CARD, LEARNED_CARD, BrokenClassifiers, FakeClassifiers
from tests.hostile import REFUSED, picture
from tests.pictures import jpeg

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

FROM_COMMAND_LINE = {"model", "version", "label", "probabilities", "malignancy", "accepted", "reasons"}
ANSWERED = (
    "patient_name", "patient_key", "patient_id", "lesion_id", "age", "sex", "body_site", "note", "model_name",
    "model_version", "label", "probabilities", "probabilities_with_patient", "malignancy", "accepted", "suspicion",
    "threshold", "reasons", "heatmap", "views", "views_changed", "similar", "photograph_sha256", "width", "height",
    "frame_left", "frame_top", "frame_side", "retake",
)  # fmt: skip


def analyses(session: Session) -> list[Analysis]:
    session.expire_all()
    return list(session.scalars(select(Analysis).order_by(Analysis.id)))


def problem_of(response: Any) -> tuple[int, str, list[str]]:
    errors = response.json.get("errors") or []
    return response.status_code, response.json["type"], [error["name"] for error in errors]


def test_a_photograph_is_all_that_is_needed(program: Program, session: Session) -> None:
    response = send(program)

    (analysis,) = analyses(session)
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/predictions/{analysis.public_id}"
    assert response.json["id"] == analysis.public_id
    assert program.get(f"{HERE}/{analysis.public_id}").json == response.json


def test_it_answers_in_the_words_of_the_command_line(program: Program, session: Session) -> None:
    answer = send(program).json

    (analysis,) = analyses(session)
    assert answer.keys() >= FROM_COMMAND_LINE
    assert list(answer["probabilities"]) == list(HAM7.codes)
    assert answer["probabilities"] == analysis.probabilities  # not rounded
    assert (answer["label"], answer["malignancy"]) == (analysis.label, analysis.malignancy)
    assert (answer["model"], answer["version"]) == (CARD.name, CARD.version)
    assert (answer["accepted"], answer["reasons"], answer["concealed"]) == (True, [], False)
    assert [each["code"] for each in answer["classes"]] == list(HAM7.codes)


def test_it_keeps_the_same_as_the_web_form(
    program: Program, client: FlaskClient, session: Session, owner: User
) -> None:
    said = {"patient_name": "Ingrid Sørensen", "age": "54", "sex": "female", "body_site": "back", "note": "Itches."}
    square = {"frame_left": "0.1", "frame_top": "0.2", "frame_side": "0.5"}
    content = jpeg(picture((300, 220)))
    sign_in(client, owner)

    post(client, "/prediction", {"image": (io.BytesIO(content), "a.jpg"), **said, **square})
    assert send(program, content, **said, **square).status_code == 201

    by_form, by_program = analyses(session)
    for column in ANSWERED:
        assert getattr(by_form, column) == getattr(by_program, column), column


def test_nobody_is_made_up_for_a_photograph_without_a_patient(program: Program, session: Session) -> None:
    answer = send(program).json

    assert (answer["patient"], answer["lesion"]) == (None, None)
    assert answer["patient_name"].startswith(f"Unnamed {now():%Y-%m-%d} ")
    assert session.scalar(select(func.count()).select_from(Patient)) == 0


def test_a_name_finds_its_patient_as_on_the_site(program: Program, session: Session, owner: User) -> None:
    patient = make_patient(session, owner, name="Ingrid Sørensen")

    known = send(program, patient_name="ingrid  sørensen").json
    new = send(program, patient_name="Cem Kaya").json

    assert (known["patient"], known["patient_name"]) == (patient.public_id, "Ingrid Sørensen")
    assert new["patient"] not in (None, patient.public_id)
    assert new["links"]["patient"] == f"/api/v1/patients/{new['patient']}"


def test_it_is_kept_with_the_lesion_and_takes_what_the_record_says(
    program: Program, session: Session, owner: User
) -> None:
    patient = make_patient(session, owner, birth_year=now().year - 60, sex="male")
    lesion = make_lesion(session, patient, site="face")

    answer = send(program, lesion=lesion.public_id, patient=patient.public_id).json
    other = send(program, lesion=lesion.public_id, age="59", sex="female", body_site="ear").json

    assert (answer["patient"], answer["lesion"]) == (patient.public_id, lesion.public_id)
    assert (answer["age"], answer["sex"], answer["body_site"]) == (60, "male", "face")
    assert (other["age"], other["sex"], other["body_site"]) == (59, "female", "ear")


def test_a_strangers_patient_is_not_found(program: Program, session: Session) -> None:
    theirs = make_patient(session, make_user(session))

    assert send(program, patient=theirs.public_id).status_code == 422
    assert send(program, lesion=make_lesion(session, theirs).public_id).status_code == 422
    assert analyses(session) == []


def test_an_archived_patient_gets_no_more_tests(program: Program, session: Session, owner: User) -> None:
    archived = make_patient(session, owner, archived_at=now())

    response = send(program, patient=archived.public_id)

    assert problem_of(response)[:2] == (409, "/api/docs#patient-archived")


def test_what_contradicts_itself_is_refused(program: Program, session: Session, owner: User) -> None:
    patient, other = make_patient(session, owner), make_patient(session, owner, name="Cem")
    lesion = make_lesion(session, other)

    assert problem_of(send(program, patient=patient.public_id, lesion=lesion.public_id))[2] == ["lesion"]
    assert problem_of(send(program, patient=patient.public_id, patient_name="Cem"))[2] == ["patient_name"]


def test_a_field_that_cant_be_read_is_named(program: Program, session: Session, subtests: pytest.Subtests) -> None:
    for field, value in UNREADABLE:
        with subtests.test(f"{field}: {value[:20]}"):
            status, kind, names = problem_of(send(program, **{field: value}))

            assert (status, kind) == (422, "/api/docs#invalid")
            assert names == ["frame_side" if field.startswith("frame") else field]

    assert analyses(session) == []


UNREADABLE = (
    ("age", "121"),
    ("age", "old"),
    ("sex", "yes"),
    ("body_site", "moon"),
    ("note", "n" * 2001),
    ("patient_name", "n" * 121),
    ("patient_name", "Ing\u202erid"),
    ("patient_name", "\u0958" * 100),  # twice as many characters once they are composed
    ("patient_name", " "),
    ("patient", "not an id"),
    ("model", "resnet9000-ham7"),
    ("frame_left", "0.1"),
    ("frame_side", "2"),
    ("careful", "perhaps"),
    ("patient_nmae", "Ingrid"),
)


@pytest.mark.parametrize(
    ("square", "sentence"),
    [(("0.9", "0.9", "0.9"), OUTSIDE), (("0", "0", "0.01"), TOO_SMALL)],
)
def test_a_square_that_is_no_use_is_refused(program: Program, square: tuple[str, str, str], sentence: str) -> None:
    names = ("frame_left", "frame_top", "frame_side")

    response = send(program, **dict(zip(names, square, strict=True)))

    assert (response.status_code, response.json["detail"]) == (422, sentence)


def test_a_file_that_is_no_photograph_is_refused_in_the_words_of_the_web_form(
    program: Program, session: Session, storage: Storage, subtests: pytest.Subtests
) -> None:
    for name, (content, sentence) in REFUSED.items():
        with subtests.test(name):
            response = send(program, content())

            status, kind = (413, "too-large") if sentence == Limits().too_large else (422, "refused")
            assert problem_of(response)[:2] == (status, f"/api/docs#photograph-{kind}")
            assert response.json["detail"] == sentence

    assert analyses(session) == []
    assert dict(storage.keys()) == {}


def test_a_request_without_photograph_is_told_so(program: Program) -> None:
    missing = program.post(HERE, data={"patient_name": "Cem"}, content_type="multipart/form-data")
    plain = program.post(HERE, data={"image": "aGVsbG8="}, content_type="multipart/form-data")
    json = program.post(HERE, json={"image": "aGVsbG8="})

    assert problem_of(missing) == (422, "/api/docs#invalid", ["image"])
    assert problem_of(plain) == (422, "/api/docs#invalid", ["image"])
    assert problem_of(json) == (415, "/api/docs#media-type", [])


def test_a_token_for_reading_sends_nothing(app: Flask, session: Session, owner: User) -> None:
    reader = Program(app.test_client(), make_token(session, owner, scope=READ))

    assert send(reader).status_code == 403
    assert analyses(session) == []


class TestOtherClassifiers:
    @pytest.fixture
    def classifiers(self) -> FakeClassifiers:
        from dataclasses import replace

        return FakeClassifiers(LEARNED_CARD, replace(CARD, name="alexnet-binary", classes=BINARY.codes))

    def test_another_can_be_asked(self, program: Program) -> None:
        answer = send(program, model="alexnet-binary").json

        assert answer["model"] == "alexnet-binary"
        assert list(answer["probabilities"]) == list(BINARY.codes)

    def test_what_is_known_of_the_patient_is_weighed_in_beside_the_answer(self, program: Program) -> None:
        plain = send(program).json
        weighed = send(program, age="70", body_site="face").json

        assert plain["probabilities_with_patient"] is None
        assert weighed["probabilities"] == plain["probabilities"]
        assert weighed["probabilities_with_patient"]["bcc"] > plain["probabilities"]["bcc"]


class TestNoClassifier:
    @pytest.fixture
    def classifiers(self) -> BrokenClassifiers:
        return BrokenClassifiers()

    def test_nothing_is_kept_while_the_classifier_is_not_there(self, program: Program, session: Session) -> None:
        response = send(program)

        assert problem_of(response)[:2] == (503, "/api/docs#classifier-unavailable")
        assert analyses(session) == []
