"""Whatever people do and whatever goes wrong, no line of the application's log names a patient, or holds a secret."""

from __future__ import annotations

import io
import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.extensions import db
from app.metrics.requests import Counted
from app.operations.exposition import exposition
from app.results.jobs import sweep
from app.storage import Storage
from tests.api.conftest import Program
from tests.dicoms import dicom
from tests.factories import csrf_token, make_analysis, make_patient, make_token, post
from tests.pictures import jpeg, lesion_picture, png

NAME, NOTE, MAIL, TYPED = "Quendolyn Marker", "Confided by Marker", "marker.secret@clinic.example", "Marker-Password-7"


def in_vain() -> str:
    """Ask the database for something with a name, in a table that it doesn't have."""
    return str(db.session.execute(text("SELECT :name FROM nowhere"), {"name": NAME}).all())


def fails(**named: str) -> str:
    """Fail at what an address says, and say at what."""
    raise KeyError(NAME, named)


def test_a_walk_over_the_site_leaves_no_name_in_the_log(  # noqa: PLR0917 - fixtures
    app: Flask,
    reader: FlaskClient,
    session: Session,
    storage: Storage,
    owner: User,
    written: io.StringIO,
) -> None:
    patient = make_patient(session, owner, name=NAME)
    analysis = make_analysis(session, owner, patient_id=patient.id, patient_name=NAME, storage=storage)
    token = make_token(session, owner, scope="admin")
    program, stranger = Program(app.test_client(), token), app.test_client()
    app.view_functions["classifiers.index"] = in_vain
    app.view_functions["verification.show"] = fails
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.wsgi_app = Counted(app.wsgi_app)  # type: ignore[method-assign]  # as Flask means it

    post(stranger, "/login", {"email": MAIL, "password": TYPED})
    post(stranger, "/register", {"name": NAME, "email": MAIL, "password": TYPED, "confirm": TYPED})
    for address in (
        f"/patients?name={NAME}", f"/previous_tests?patient={NAME}&text={NOTE}", f"/patients/{NAME}", f"/{NAME}",
        f"/patients/{patient.public_id}", f"/results/{analysis.public_id}", f"/previous_tests/export.csv?text={NOTE}",
        f"/results/{analysis.public_id}/fhir.json", f"/reset/{TYPED}", f"/verify/{NAME}", "/audit", "/audit/events.csv",
        "/classifiers", f"/live/outline:{NAME}",
    ):  # fmt: skip
        reader.get(address, headers={"User-Agent": NAME, "Referer": f"http://localhost/{NAME}"})
    post(reader, f"/patients/{patient.public_id}/edit", {"name": f"{NAME} II", "notes": NOTE})
    post(reader, "/patients/new", {"name": NAME, "birth_year": NAME})
    form = {"csrf_token": csrf_token(reader.get("/prediction").text), "patient_name": NAME, "note": NOTE}
    reader.post("/prediction", data=form | {"image": (io.BytesIO(png(lesion_picture())), f"{NAME}.png")})
    reader.post("/prediction", data=form | {"image": (io.BytesIO(b"no picture"), f"{NAME}.png")})
    named = dicom(PatientName="Marker^Quendolyn", PatientID="Marker 7", ImageComments=NOTE)
    for content in (named, named[:-900], named.replace(b"\x02\x00\x10\x00UI", b"\x02\x00\x10\x00XX")):
        reader.post("/prediction", data=form | {"image": (io.BytesIO(content), f"{NAME}.dcm")})
    rows = io.BytesIO(f"file,patient\n{NAME}.jpg,{NAME}\n{NAME}-9.jpg,{NAME}\n".encode())
    files = [(io.BytesIO(jpeg(lesion_picture())), f"{NAME}.jpg"), (io.BytesIO(b"no picture"), f"{NAME}-9.jpg")]
    batch = {"naming": "sheet", "label": NAME, "spreadsheet": (rows, f"{NAME}.csv"), "files": files}
    sent = post(reader, "/batches/new", batch)
    reader.get(f"{sent.location}/export.csv?q={NAME}")
    program.get(f"/patients?name={NAME}")
    program.post("/patients", json={"name": NAME, "notes": NOTE})
    program.post("/patients", json={"name": NAME, "sex": NAME})
    program.get(f"/patients/{NAME}")
    stranger.get("/api/v1/patients", headers={"Authorization": f"Bearer lentigo_{TYPED}"})
    storage.delete(analysis.photograph_key)
    reader.get(f"/results/{analysis.public_id}/report.pdf")
    with app.app_context():
        sweep()
        numbers = exposition().decode()

    lines = written.getvalue()
    assert '"event": "request"' in lines
    assert sent.status_code == 303
    assert "nowhere" in lines
    assert "KeyError" in lines
    found = [line for line in lines.splitlines() if re.search("marker|quendolyn|confided", line, re.IGNORECASE)]
    assert found == []
    assert token not in lines
    assert 'endpoint="patients.show"' in numbers
    assert not re.search("marker|quendolyn|confided", numbers, re.IGNORECASE)
