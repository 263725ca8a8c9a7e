"""The part of a test's page that offers DICOM files, and what is sent from it."""

from __future__ import annotations

import io

import pydicom
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.deliveries.destinations import register
from app.interop.dicom.archive import Archive
from app.interop.dicom.records import Nature
from app.interop.dicom.selectors import nature_of
from app.interop.dicom.sending import WHOSE, ImageArchive
from app.interop.dicom.tables import ArchivePhotograph
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings
from tests.factories import make_patient, make_user, post, sign_in
from tests.interop.conftest import free_port
from tests.interop.made import make_photographed
from tests.web.test_history import counted_queries


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_photographed(session, owner, storage)


def page_of(client: FlaskClient, analysis: Analysis) -> str:
    return " ".join(client.get(f"/results/{analysis.public_id}").text.split())


def choose(client: FlaskClient, analysis: Analysis, **fields: str):
    page = f"/results/{analysis.public_id}"
    return post(client, f"{page}/dicom", fields, form=page)


def test_what_is_said_of_the_photograph_is_kept_and_the_files_are_downloaded(
    reader: FlaskClient, session: Session, analysis: Analysis
) -> None:
    response = choose(reader, analysis, taken="dermoscopic", anonymous="y", then="download")

    download = reader.get(response.location)
    assert response.status_code == 303
    assert nature_of(session, analysis) == Nature(dermoscopic=True, anonymous=True)
    assert (download.status_code, download.mimetype) == (200, "application/zip")
    assert "no-store" in download.headers["Cache-Control"]
    assert "Ingrid" not in download.headers["Content-Disposition"]
    assert 'value="dermoscopic" id="taken-dermoscopic" checked' in page_of(reader, analysis)


def test_a_choice_can_be_changed_without_a_download(reader: FlaskClient, session: Session, analysis: Analysis) -> None:
    choose(reader, analysis, taken="dermoscopic", then="keep")

    response = choose(reader, analysis, taken="photographic", then="keep")

    session.expire_all()
    assert response.location == f"/results/{analysis.public_id}#dicom"
    assert nature_of(session, analysis) == Nature()


def test_a_choice_that_is_none_is_not_kept(reader: FlaskClient, session: Session, analysis: Analysis) -> None:
    response = choose(reader, analysis, taken="by an eagle")

    assert response.status_code == 303
    assert nature_of(session, analysis) is None
    assert "Please choose how the photograph was taken." in page_of(reader, analysis)


@pytest.mark.parametrize(("kind", "modality"), [("photograph", "XC"), ("heat-map", "OT"), ("report", "SR")])
def test_each_object_can_be_taken_by_itself(reader: FlaskClient, analysis: Analysis, kind: str, modality: str) -> None:
    response = reader.get(f"/results/{analysis.public_id}/dicom/{kind}.dcm")

    assert response.mimetype == "application/dicom"
    assert pydicom.dcmread(io.BytesIO(response.data)).Modality == modality


def test_there_is_no_other_kind_of_file(reader: FlaskClient, analysis: Analysis) -> None:
    for kind in ("all", "video"):
        assert reader.get(f"/results/{analysis.public_id}/dicom/{kind}.dcm").status_code == 404


def test_of_a_concealed_answer_there_is_the_photograph_alone(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    owner.blind = True
    session.commit()

    page = page_of(reader, analysis)

    address = f"/results/{analysis.public_id}/dicom"
    assert "until then there is the photograph alone" in page
    assert f"{address}/photograph.dcm" in page
    assert f"{address}/heat-map.dcm" not in page
    assert f"{address}/report.dcm" not in page
    assert reader.get(f"{address}/photograph.dcm").status_code == 200
    assert reader.get(f"{address}/report.dcm").status_code == 409


def test_the_page_says_that_a_refused_photograph_has_no_heat_map(
    reader: FlaskClient, session: Session, owner: User, storage: Storage
) -> None:
    analysis = make_photographed(session, owner, storage, accepted=False, reasons=["unfamiliar"])

    page = page_of(reader, analysis)

    assert "There is no heat map, as it would mean nothing for the lesion." in page
    assert reader.get(f"/results/{analysis.public_id}/dicom/heat-map.dcm").status_code == 404


ADDRESSES = ("dicom.zip", "dicom/photograph.dcm")


def test_a_stranger_finds_no_file_and_can_say_nothing(
    client: FlaskClient, session: Session, analysis: Analysis, storage: Storage
) -> None:
    mallory = make_user(session)
    own = make_photographed(session, mallory, storage)
    sign_in(client, mallory)

    answers = [client.get(f"/results/{analysis.public_id}/{address}").status_code for address in ADDRESSES]
    said = post(client, f"/results/{analysis.public_id}/dicom", {"taken": "dermoscopic"}, f"/results/{own.public_id}")

    assert [*answers, said.status_code] == [404, 404, 404]
    assert nature_of(session, analysis) is None


def test_an_anonymous_person_is_sent_to_the_sign_in(client: FlaskClient, analysis: Analysis) -> None:
    for address in ADDRESSES:
        response = client.get(f"/results/{analysis.public_id}/{address}")
        assert response.status_code == 302
        assert response.location.startswith("/login")


def test_the_page_asks_the_database_once_more(reader: FlaskClient, app: Flask, analysis: Analysis) -> None:
    choose(reader, analysis, taken="dermoscopic")

    with counted_queries(app) as statements:
        page_of(reader, analysis)

    assert sum("archive_photographs" in statement for statement in statements) == 1


def test_what_was_said_goes_with_the_test(reader: FlaskClient, session: Session, analysis: Analysis) -> None:
    choose(reader, analysis, taken="dermoscopic")

    post(reader, f"/results/{analysis.public_id}/delete", form=f"/results/{analysis.public_id}")

    assert session.scalars(select(ArchivePhotograph)).all() == []


@pytest.fixture
def archive(app: Flask, settings: Settings) -> ImageArchive:
    """An archive that is configured, and not there."""
    destination = ImageArchive(Archive("127.0.0.1", free_port(), "WARD", "LENTIGO"), settings)
    register(app, destination)
    return destination


def test_a_test_that_is_nobodys_yet_is_sent_to_no_archive(
    reader: FlaskClient, analysis: Analysis, archive: ImageArchive
) -> None:
    page = f"/results/{analysis.public_id}"

    post(reader, f"{page}/deliveries", {"destination": archive.name}, form=page)

    assert WHOSE in page_of(reader, analysis)


def test_an_archive_that_is_down_is_tried_again_and_the_page_says_so(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis, archive: ImageArchive
) -> None:
    analysis.patient_id = make_patient(session, owner).id
    session.commit()
    page = f"/results/{analysis.public_id}"

    post(reader, f"{page}/deliveries", {"destination": archive.name}, form=page)

    said = page_of(reader, analysis)
    assert "Image archive (PACS), WARD" in said
    assert "Not sent yet. The archive can&#39;t be reached. The next attempt is on" in said


def test_an_archive_is_a_destination_only_if_its_host_is_set(settings: Settings) -> None:
    assert Archive.of(settings) is None
    assert Archive.of(settings.model_copy(update={"pacs_host": "archive"})) == Archive(
        "archive", 104, "ANY-SCP", "LENTIGO"
    )
