"""Photographs in DICOM files: which picture is meant, and what the file says, which is answered and not kept."""

from __future__ import annotations

from dataclasses import asdict

from app.api.predictions.schemas import DicomSays
from app.api.reading import InvalidRequestError
from app.decoding.formats import is_dicom
from app.decoding.limits import Limits
from app.errors import AppError
from app.patients.tables import Patient
from app.upload.dicom.words import doubts
from app.upload.inspection import SafeImage, dicom_photograph, inspect


class UnconfirmedError(AppError):
    """What a DICOM file says has to be looked at by somebody before its photograph is kept."""

    status = 422
    kind = "dicom-unconfirmed"
    title = "This has to be looked at first"


def photograph_in(
    content: bytes, limits: Limits, *, number: int | None, confirmed: bool, patient: Patient | None
) -> tuple[SafeImage, DicomSays | None]:
    """Judge a file that was sent; return the photograph, and what the file says if it is a DICOM file.

    `number` is that of a picture, from 1. RefusedUploadError; InvalidRequestError where there is no such picture, or
    none was named of several; UnconfirmedError for writing in the picture, recognisable patients, and other patients.
    """
    if not is_dicom(content):
        if number not in (None, 1):
            raise InvalidRequestError.of("form", "picture", "The file holds one picture.")
        return inspect(content, limits), None
    file = dicom_photograph(content, limits)
    says = DicomSays(**asdict(file.facts), pictures=file.pictures)
    if (number is None and says.pictures > 1) or (number or 1) > says.pictures:
        raise InvalidRequestError.of("form", "picture", f"Say which picture is meant, from 1 to {says.pictures}.")
    if not confirmed and (found := doubts(file.facts, patient)):
        raise UnconfirmedError(" ".join([*found, "Send “confirmed” once somebody has looked at this."]))
    return inspect(content, limits, index=(number or 1) - 1, confirmed=True), says
