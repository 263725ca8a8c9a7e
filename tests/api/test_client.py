"""The client for Python, against the real application."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints, is_typeddict

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.tokens.scopes import ADMIN, READ
from app.auth.tables import User
from app.patients.tables import Patient
from app.results.tables import Analysis
from config import ROOT
from tests.factories import make_analysis, make_patient, make_token
from tests.pictures import jpeg, lesion_picture

FILE = ROOT / "clients" / "python" / "lentigo_client.py"
SCHEMAS = {  # of those that are called something else in the description
    "Links": "PredictionLinks",
    "Patient": "PatientAnswer",
    "Lesion": "LesionAnswer",
    "Place": "PlaceAnswer",
    "FollowUp": "FollowUpAnswer",
    "Model": "ModelAnswer",
    "Measured": "MeasuredAnswer",
    "OperatingPoint": "PointAnswer",
    "Figure": "FigureAnswer",
    "Counts": "CountsAnswer",
    "ListedBatch": "BatchAnswer",
    "Batch": "BatchProgress",
    "SentFile": "SentFileAnswer",
    "BatchFile": "FileAnswer",
}


def _loaded() -> ModuleType:
    """Import the one file, as a program would that has copied it."""
    spec = importlib.util.spec_from_file_location("lentigo_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lentigo_client"] = module
    spec.loader.exec_module(module)
    return module


lentigo_client = _loaded()


class Wire(httpx.WSGITransport):
    """A connection to the application that fails as it is told: "lost" before it arrives, "unheard" after the work."""

    def __init__(self, app: Flask, *faults: str) -> None:
        super().__init__(app=app)
        self.faults = list(faults)
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault == "lost":
            raise httpx.ConnectError("no route")
        if fault == "busy":
            return httpx.Response(503, headers={"Retry-After": "7"}, json={"detail": "Busy."})
        response = super().handle_request(request)
        if fault == "unheard":
            response.read()
            raise httpx.ReadTimeout("no answer")
        return response


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client has waited between attempts; nobody waits in fact."""
    found: list[float] = []
    monkeypatch.setattr(lentigo_client.time, "sleep", found.append)
    return found


@pytest.fixture
def token(session: Session, owner: User) -> str:
    return make_token(session, owner, scope=ADMIN)


@pytest.fixture
def wire(app: Flask) -> Wire:
    return Wire(app)


@pytest.fixture
def lentigo(wire: Wire, token: str, pauses: list[float]) -> Iterator[Any]:
    with lentigo_client.Lentigo("http://localhost", token, transport=wire) as client:
        yield client


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "lesion.jpg"
    path.write_bytes(jpeg(lesion_picture()))
    return path


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_photograph_is_answered_and_kept(lentigo: Any, photograph: Path, session: Session) -> None:
    patient = lentigo.create_patient("Ingrid Sørensen", birth_year=1972)
    lesion = lentigo.create_lesion(patient["id"], label="left shoulder", body_site="back")

    answer = lentigo.predict(photograph, lesion=lesion["id"], age=54, include=["heatmap", "similar"])

    kept = session.scalars(select(Analysis)).one()
    assert answer["id"] == kept.public_id
    assert answer["probabilities"] == kept.probabilities
    assert answer["malignancy"] == kept.malignancy
    assert (answer["patient"], answer["lesion"]) == (patient["id"], lesion["id"])
    assert answer["heatmap"]
    assert lentigo.prediction(answer["id"])["label"] == kept.label


def test_files_come_as_they_are_kept(lentigo: Any, photograph: Path) -> None:
    answer = lentigo.predict(photograph.read_bytes())

    assert lentigo.image(answer["id"]).startswith(b"\x89PNG")
    assert lentigo.heatmap(answer["id"]).startswith(b"\x89PNG")
    assert lentigo.report(answer["id"]).startswith(b"%PDF")


def test_verdicts_are_said_and_listed(lentigo: Any, photograph: Path) -> None:
    test = lentigo.predict(photograph)["id"]

    lentigo.say(test, "assessment", "nv")
    lentigo.say(test, "diagnosis", "mel", basis="histology")

    assert [verdict["label"] for verdict in lentigo.verdicts(test)] == ["mel", "nv"]


def test_lists_are_walked_to_their_end(lentigo: Any, session: Session, owner: User) -> None:
    patients = {make_patient(session, owner, name=f"P {number}").public_id for number in range(5)}
    tests = {make_analysis(session, owner, patient_name=f"T {number}").public_id for number in range(5)}

    assert {patient["id"] for patient in lentigo.patients(limit=2)} == patients
    assert {test["id"] for test in lentigo.predictions(limit=2)} == tests


def test_a_batch_is_sent_whole_though_an_answer_was_lost_worked_on_and_read(
    lentigo: Any, wire: Wire, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "anna").mkdir()
    names = ["anna/1.jpg", "2.jpg", "notes.txt"]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(jpeg(lesion_picture(number)) if name.endswith("jpg") else b"hello")
    batch = lentigo.create_batch(patient_name="Ingrid", rows=[{"file": "2", "patient_name": "Cem"}])["id"]
    wire.faults = ["unheard"]

    sent = list(lentigo.add_files(batch, tmp_path, names))
    lentigo.start_batch(batch)
    done = lentigo.finished(batch)

    assert [(file["name"], file["outcome"]) for file in sent] == [
        ("anna/1.jpg", "there"), ("2.jpg", "added"), ("notes.txt", "refused"),
    ]  # fmt: skip
    assert (done["state"], done["counts"]["done"], done["counts"]["failed"]) == ("finished", 2, 1)
    results = list(lentigo.batch_results(batch, order="sent"))
    assert [file["prediction"] and file["prediction"]["patient_name"] for file in results] == ["Ingrid", "Cem", None]
    assert lentigo.batch_csv(batch).count(b"jpg") == 2
    assert lentigo.batch_report(batch).startswith(b"%PDF")
    lentigo.delete_batch(batch)
    assert list(lentigo.batches()) == []
    assert count(session, Analysis) == 2


def test_what_is_changed_and_deleted_is(lentigo: Any, photograph: Path, session: Session) -> None:
    patient, other = lentigo.create_patient("Ann"), lentigo.create_patient("Bea")
    test = lentigo.predict(photograph, patient=patient["id"])

    assert lentigo.change_patient(patient["id"], skin_type=3)["skin_type"] == 3
    assert lentigo.move_prediction(test["id"], patient=other["id"])["patient"] == other["id"]
    lentigo.delete_prediction(test["id"])
    lentigo.erase_patient(other["id"])

    assert (count(session, Analysis), count(session, Patient)) == (0, 1)


def test_a_batch_whose_start_was_not_heard_of_is_started(lentigo: Any, wire: Wire, photograph: Path) -> None:
    batch = lentigo.create_batch(patient_name="Ann")["id"]
    list(lentigo.add_files(batch, photograph.parent, [photograph.name]))
    wire.faults = ["unheard"]

    assert lentigo.start_batch(batch)["started_at"] is not None


def test_other_systems_can_read_a_test(lentigo: Any, photograph: Path) -> None:
    test = lentigo.predict(photograph)["id"]

    assert lentigo.fhir(test)["resourceType"] == "Bundle"
    assert lentigo.dicom(test).startswith(b"PK")


def test_classifiers_and_health_are_told(lentigo: Any) -> None:
    assert [model["name"] for model in lentigo.models()] == ["mobilenetv2-ham7"]
    assert lentigo.health()["checks"]["database"] == "ok"


@pytest.mark.parametrize("fault", ["lost", "unheard"])
def test_what_did_not_come_through_is_sent_again_and_kept_once(
    lentigo: Any, wire: Wire, photograph: Path, session: Session, fault: str
) -> None:
    wire.faults = [fault]

    answer = lentigo.predict(photograph)

    assert wire.requests == 2
    assert [test.public_id for test in session.scalars(select(Analysis))] == [answer["id"]]


def test_a_deletion_whose_answer_was_lost_is_done(lentigo: Any, wire: Wire, session: Session, owner: User) -> None:
    test = make_analysis(session, owner)
    wire.faults = ["unheard"]

    lentigo.delete_prediction(test.public_id)

    assert count(session, Analysis) == 0


def test_it_waits_as_long_as_it_is_asked_to(lentigo: Any, wire: Wire, pauses: list[float]) -> None:
    wire.faults = ["busy", "lost"]

    lentigo.health()

    assert pauses == [7.0, 1.0]


def test_it_gives_up_in_the_end_and_says_so(lentigo: Any, wire: Wire) -> None:
    wire.faults = ["lost"] * 9

    with pytest.raises(lentigo_client.UnreachableError, match="can't be reached"):
        lentigo.health()

    assert wire.requests == 4


def test_a_refusal_says_why_and_is_not_repeated(lentigo: Any, wire: Wire) -> None:
    with pytest.raises(lentigo_client.LentigoError) as refused:
        lentigo.predict(b"this is no photograph")

    assert refused.value.status == 422
    assert str(refused.value) == refused.value.problem["detail"]
    assert wire.requests == 1


def test_a_refusal_can_be_told_by_its_kind(app: Flask, session: Session, owner: User) -> None:
    token = make_token(session, owner, scope=READ)

    with (
        lentigo_client.Lentigo("http://localhost", token, transport=Wire(app)) as reader,
        pytest.raises(lentigo_client.LentigoError) as refused,
    ):
        reader.create_patient("Ann")

    assert refused.value.kind == "scope-insufficient"


def test_its_types_are_those_of_the_description(client: FlaskClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json["components"]["schemas"]
    types = {name: value for name, value in vars(lentigo_client).items() if is_typeddict(value)}

    for name, declared in types.items():
        described = schemas[SCHEMAS.get(name, name)]["properties"]
        assert set(get_type_hints(declared)) == set(described), name
        for member, hint in get_type_hints(declared).items():
            nullable = any(each.get("type") == "null" for each in described[member].get("anyOf", ()))
            assert (type(None) in getattr(hint, "__args__", ())) == nullable, f"{name}.{member}"
