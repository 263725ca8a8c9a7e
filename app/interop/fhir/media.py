"""The pictures: `Media` that say what they show, each with a `Binary` that holds it.

The photograph is a JPEG file of as many pixels as were kept: a tenth of the PNG file that was analysed, which stays
with us and is known by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.interop.codes import DICOM, Concept
from app.interop.fhir.devices import classifier_id
from app.interop.fhir.elements import (
    Resource,
    coding,
    concept,
    identifier,
    identity,
    instant,
    note,
    reference,
    resource,
)
from app.interop.fhir.record import Record
from app.interop.fhir.subject import body_site, patient_id

if TYPE_CHECKING:
    from app.results.report.pictures import Picture  # brings Pillow, which the start does without

IMAGE = {"coding": [coding("http://terminology.hl7.org/CodeSystem/media-type", "image", "Image")]}
CAMERA = Concept(DICOM, "XC", "External-camera Photography")
DERMATOSCOPE = Concept(DICOM, "DMS", "Dermoscopy")
JPEG = "image/jpeg"
PHOTOGRAPH, HEATMAP = "photograph", "heatmap"


def media_id(record: Record, name: str) -> str:
    """Return the id of a picture."""
    return identity("Media", record.analysis.public_id, name)


def pictures(record: Record) -> Iterator[Resource]:
    """Yield the photograph and, where there is an answer, the heat map, each after its file."""
    analysis = record.analysis
    yield from _media(
        record,
        PHOTOGRAPH,
        record.pictures.photograph,
        title="Photograph of the lesion",
        remark="A copy to look at. The file that was analysed is a PNG file with the SHA-256 "
        f"{analysis.photograph_sha256}; the square that was analysed has its upper left corner at "
        f"({analysis.frame_left}, {analysis.frame_top}), and {analysis.frame_side} pixels a side.",
    )
    if not analysis.accepted:
        return
    yield from _media(
        record,
        HEATMAP,
        record.pictures.heatmap,
        title="Analysed square with heat map",
        remark=record.content.heatmap_caption,
        device=reference(classifier_id(record)),
    )


def attachment(content: bytes, kind: str, title: str, **where: str) -> Resource:
    """Return what describes a file; `where` it is, or its `data`. FHIR's hash is a SHA-1, against slips only."""
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return {"contentType": kind, **where, "size": len(content), "hash": encoded(digest), "title": title}


def encoded(content: bytes) -> str:
    """Write bytes in base 64."""
    return base64.b64encode(content).decode("ascii")


def _media(
    record: Record, name: str, picture: Picture, *, title: str, remark: str, **more: Resource
) -> Iterator[Resource]:
    # the file's address is written as it will be: not every server puts an id in place of a URN here
    file_id, id_ = identity("Binary", record.analysis.public_id, name), media_id(record, name)
    patient = reference(patient_id(record))
    yield resource("Binary", file_id, contentType=JPEG, securityContext=patient, data=encoded(picture.jpeg))
    yield resource(
        "Media",
        id_,
        identifier=[identifier(id_)],
        status="completed",
        type=IMAGE,
        modality=concept(DERMATOSCOPE if record.dermoscopic else CAMERA),
        subject=patient,
        issued=instant(record.analysis.created_at),
        bodySite=body_site(record),
        height=picture.height,
        width=picture.width,
        content=attachment(picture.jpeg, JPEG, title, url=f"Binary/{file_id}"),
        note=note(remark),
        **more,
    )
