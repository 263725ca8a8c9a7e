"""Talk to an image archive: are you there (C-ECHO), keep this (C-STORE); PS3.7, 9.1."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when the module is loaded

from app.interop.deliveries.destinations import DeliveryError
from app.interop.dicom.archive import BUSY, Archive, is_kept, refusal, rejection
from app.interop.dicom.headers import IMPLEMENTATION
from app.product import VERSION

CONNECT_SECONDS, ANSWER_SECONDS = 10, 60  # all objects together stay well below a delivery's lease
TRANSIENT = 2  # result of a rejection that may pass
UNREACHABLE = "The archive can't be reached."
UNPROVEN = "The archive could not prove that it is the one at this address. Please tell your administrator."
NO_AUTHORITIES = "The file of those who vouch for the archive can't be read. Please tell your administrator."
BROKEN = "The archive has broken off the connection, or did not answer in time."

logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)  # what goes wrong is raised here, and logged once


def verify(archive: Archive) -> None:
    """Ask an archive whether it is there; DeliveryError says why it seems not to be."""
    with _connected(archive, [str(Verification)]) as association:
        if association.send_c_echo().get("Status") != 0:
            raise DeliveryError(BROKEN, permanent=False)


def store(archive: Archive, datasets: Iterable[Dataset]) -> None:
    """Have an archive keep objects; DeliveryError at the first that it does not.

    An object that is there already counts as kept.
    """
    objects = list(datasets)
    with _connected(archive, sorted({dataset.SOPClassUID for dataset in objects})) as association:
        _require_taken(association, objects)
        for dataset in objects:
            status = _sent(association, dataset)
            if not is_kept(status):
                sentence, permanent = refusal(status)
                raise DeliveryError(sentence, permanent=permanent)


@contextmanager
def _connected(archive: Archive, classes: Iterable[str]) -> Iterator[Association]:
    """Open an association for some kinds of objects, and release it; DeliveryError if it can't be opened."""
    entity, secured, answers = _entity(archive, classes), _secured(archive), list[object]()

    def listen(event: Event) -> None:
        answers.append(getattr(event, "primitive", None))

    association = entity.associate(
        _address(archive, secured),
        archive.port,
        ae_title=archive.called,
        tls_args=None if secured is None else (secured, archive.host),
        evt_handlers=[(evt.EVT_ACSE_RECV, listen)],
    )
    if not association.is_established:
        raise _not_connected(archive, association, answers)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def _address(archive: Archive, secured: ssl.SSLContext | None) -> str:
    """Return the address at which the archive's host takes connections; DeliveryError if it doesn't.

    pynetdicom does not say why it could not connect, and leaves its socket open.
    """
    try:
        with socket.create_connection((archive.host, archive.port), CONNECT_SECONDS) as connection:
            address = str(connection.getpeername()[0])
            if secured is not None:
                secured.wrap_socket(connection, server_hostname=archive.host).close()
            return address
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(UNPROVEN, permanent=True) from error
    except OSError as error:
        raise DeliveryError(UNREACHABLE, permanent=False) from error


def _entity(archive: Archive, classes: Iterable[str]) -> AE:
    entity = AE(archive.calling)
    entity.implementation_class_uid = IMPLEMENTATION
    entity.implementation_version_name = f"LENTIGO_{VERSION}"
    entity.connection_timeout = CONNECT_SECONDS
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = ANSWER_SECONDS
    for uid in classes:
        entity.add_requested_context(uid, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    return entity


def _secured(archive: Archive) -> ssl.SSLContext | None:
    """Return how the connection is secured; None if it is not."""
    if not archive.tls:
        return None
    try:
        return ssl.create_default_context(cafile=archive.authorities)
    except OSError as error:
        raise DeliveryError(NO_AUTHORITIES, permanent=True) from error


def _not_connected(archive: Archive, association: Association, answers: list[object]) -> DeliveryError:
    if association.is_rejected:
        answer = answers[-1]
        if getattr(answer, "result", None) == TRANSIENT:
            return DeliveryError(BUSY, permanent=False)
        source, reason = getattr(answer, "result_source", 0), getattr(answer, "diagnostic", 0)
        return DeliveryError(rejection(archive, source, reason), permanent=True)
    return DeliveryError(BROKEN if answers else UNREACHABLE, permanent=False)


def _require_taken(association: Association, objects: Iterable[Dataset]) -> None:
    """Send nothing where the archive has said that it doesn't take all of it: a part would look like the whole."""
    taken = {context.abstract_syntax for context in association.accepted_contexts}
    refused = sorted({dataset.SOPClassUID.name for dataset in objects if dataset.SOPClassUID not in taken})
    if refused:
        raise DeliveryError(
            f"The archive takes no objects of the kind {' or '.join(refused)}. Please tell your administrator.",
            permanent=True,
        )


def _sent(association: Association, dataset: Dataset) -> int:
    if not association.is_established:
        raise DeliveryError(BROKEN, permanent=False)
    answer = association.send_c_store(dataset)
    if "Status" not in answer:
        raise DeliveryError(BROKEN, permanent=False)
    return int(answer.Status)
