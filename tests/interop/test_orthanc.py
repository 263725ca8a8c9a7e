"""What is sent to a real image archive, and what it says when something is wrong."""

from __future__ import annotations

import io
from dataclasses import replace

import pydicom
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from app.decoding.limits import Limits
from app.interop.deliveries.destinations import DeliveryError
from app.interop.dicom.association import verify
from app.interop.dicom.sending import ImageArchive
from app.storage import Storage
from app.upload.inspection import inspect
from tests.factories import make_patient, make_user
from tests.interop.conftest import Orthanc
from tests.interop.made import make_photographed


def test_an_archive_keeps_everything_once_however_often_it_is_sent(
    app: Flask, session: Session, storage: Storage, orthanc: Orthanc
) -> None:
    owner = make_user(session)
    patient = make_patient(session, owner)
    analysis = make_photographed(session, owner, storage, patient_id=patient.id)
    system = ImageArchive(orthanc.archive, app.config["SETTINGS"])

    with app.app_context():
        study = system.send(session, storage, analysis, owner)
        again = system.send(session, storage, analysis, owner)

    files = orthanc.instances(study)
    kept = {(each := pydicom.dcmread(io.BytesIO(file))).Modality: each for file in files.values()}
    with Image.open(io.BytesIO(storage.get(analysis.photograph_key))) as photograph:
        pixels = photograph.convert("RGB").tobytes()
    assert study == again
    assert (len(files), set(kept)) == (3, {"XC", "OT", "SR"})
    assert kept["XC"].pixel_array.tobytes() == pixels
    assert str(kept["SR"].PatientName) == "Ingrid Sørensen^"
    assert {each.PatientID for each in kept.values()} == {patient.public_id}
    assert {each.SOPInstanceUID for each in kept.values()} == set(files)
    read_again = inspect(files[kept["XC"].SOPInstanceUID], Limits(), confirmed=True)
    assert read_again.image.tobytes() == pixels


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"called": "NOBODY"}, "does not go by the name NOBODY"),
        ({"calling": "STRANGER"}, "does not know us by the name STRANGER"),
    ],
)
def test_an_archive_that_refuses_the_connection_is_heard(
    orthanc: Orthanc, wrong: dict[str, str], sentence: str
) -> None:
    with pytest.raises(DeliveryError, match=sentence) as refused:
        verify(replace(orthanc.archive, **wrong))

    assert refused.value.permanent


def test_an_archive_that_is_there_says_so_to_the_command(app: Flask, orthanc: Orthanc) -> None:
    here = orthanc.archive
    set_up = {"pacs_host": here.host, "pacs_port": here.port, "pacs_ae_title": here.called}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=set_up)

    result = app.test_cli_runner().invoke(args=["pacs-check"])

    assert result.exit_code == 0, result.output
    assert result.output == f"ORTHANC at 127.0.0.1, port {here.port} is there, and lets LENTIGO in.\n"


def test_the_command_says_what_is_missing(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["pacs-check"])

    assert result.exit_code == 1
    assert "set LENTIGO_PACS_HOST" in result.output
