"""What archives may answer that Orthanc can't be made to: a small one that answers as it is told."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, VLPhotographicImageStorage
from pynetdicom import AE, evt
from pynetdicom.events import Event

from app.interop.deliveries.destinations import DeliveryError
from app.interop.dicom import association
from app.interop.dicom.archive import Archive, is_kept, refusal
from app.interop.dicom.association import store, verify
from tests.interop.conftest import free_port, program

Serve = Callable[..., Archive]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an archive whose answer to each object is that of `answer`."""
    servers = []

    def serving(answer: Callable[[Event], int], *syntaxes: str, secured: ssl.SSLContext | None = None) -> Archive:
        entity = AE("ARCHIVE")
        entity.add_supported_context(VLPhotographicImageStorage, [*(syntaxes or [ExplicitVRLittleEndian])])
        port = free_port()
        handlers = [(evt.EVT_C_STORE, answer)]
        here = ("127.0.0.1", port)
        servers.append(entity.start_server(here, block=False, evt_handlers=handlers, ssl_context=secured))
        return Archive("127.0.0.1", port, "ARCHIVE", "LENTIGO")

    yield serving
    for server in servers:
        server.shutdown()


def an_object(sop_class: str = VLPhotographicImageStorage) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, "2.25.1"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "Sørensen^Ingrid"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def breaks_off(event: Event) -> int:
    event.assoc.abort()
    return 0x0000


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB007, 0x0111])
def test_what_is_there_now_with_remarks_or_since_before_is_kept(status: int) -> None:
    assert is_kept(status)


@pytest.mark.parametrize(
    ("status", "sentence", "permanent"),
    [
        (0xA700, "has no room left (status A700)", False),
        (0x0124, "does not let us store anything", True),
        (0xA900, "can't read what it was sent", True),
        (0xC123, "can't read what it was sent (status C123)", True),
        (0x0110, "could not keep what it was sent (status 0110)", False),
    ],
)
def test_what_is_not_kept_is_said_and_whether_that_may_pass(status: int, sentence: str, permanent: bool) -> None:
    said, never = refusal(status)

    assert not is_kept(status)
    assert sentence in said
    assert never is permanent


def test_the_first_object_that_is_not_kept_ends_it(serve: Serve) -> None:
    answers = [0x0000, 0xA700, 0x0000]

    with pytest.raises(DeliveryError, match="no room left"):
        store(serve(lambda _event: answers.pop(0)), [an_object()] * 3)

    assert answers == [0x0000]


def test_a_connection_that_breaks_off_is_tried_again(serve: Serve) -> None:
    with pytest.raises(DeliveryError, match="broken off") as refused:
        store(serve(breaks_off), [an_object()])

    assert not refused.value.permanent


def test_an_archive_that_does_not_answer_is_not_waited_for_for_ever(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(association, "ANSWER_SECONDS", 0.2)
    late = threading.Event()

    def sleeps(_event: Event) -> int:
        late.wait(0.6)
        return 0x0000

    with pytest.raises(DeliveryError, match="did not answer in time"):
        store(serve(sleeps), [an_object()])


def test_nothing_is_sent_where_not_everything_is_taken(serve: Serve) -> None:
    received: list[Event] = []

    def keeps(event: Event) -> int:
        received.append(event)
        return 0x0000

    with pytest.raises(DeliveryError, match="takes no objects of the kind Secondary Capture") as refused:
        store(serve(keeps), [an_object(), an_object("1.2.840.10008.5.1.4.1.1.7")])

    assert refused.value.permanent
    assert received == []


def test_an_archive_that_takes_implicit_types_only_is_sent_those(serve: Serve) -> None:
    names: list[str] = []

    def keeps(event: Event) -> int:
        names.append(str(event.dataset.get("PatientName")))
        return 0x0000

    store(serve(keeps, ImplicitVRLittleEndian), [an_object()])

    assert names == ["Sørensen^Ingrid"]


def test_nothing_of_a_patient_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError):
        store(serve(lambda _event: 0xC000), [an_object()])

    assert "Ingrid" not in caplog.text


def test_an_archive_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    with pytest.raises(DeliveryError, match="can't be reached") as refused:
        verify(Archive("127.0.0.1", free_port(), "ARCHIVE", "LENTIGO"))

    assert not refused.value.permanent


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A certificate for this machine, by itself, in one file with its key."""
    file = tmp_path / "archive.pem"
    names = ["-subj", "/CN=archive", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", *names]
    command = [program("openssl", "openssl"), "req", *made, "-keyout", str(tmp_path / "key"), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "key").read_text())
    return file


def test_an_encrypted_connection_is_to_the_archive_or_there_is_none(serve: Serve, certified: Path) -> None:
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(certified)
    archive = replace(serve(lambda _event: 0x0000, secured=secured), tls=True)

    store(replace(archive, authorities=certified), [an_object()])

    with pytest.raises(DeliveryError, match="could not prove") as unproven:
        store(archive, [an_object()])
    with pytest.raises(DeliveryError, match="can't be read"):
        store(replace(archive, authorities=certified.with_name("nowhere")), [an_object()])
    assert unproven.value.permanent
