"""Judge an uploaded file by its content, and make of it a photograph that is safe to keep and to show.

The file is read elsewhere, by a process that is confined: what comes from there is pixels, and nothing of the file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from app.decoding import reading
from app.decoding.formats import is_dicom, why_not_a_photograph
from app.decoding.limits import Limits
from app.errors import AppError, RefusedUploadError, TooLargeError
from app.inference import Frame
from app.metrics import UPLOADS
from app.upload import png
from app.upload.dicom.photographs import DicomPhotograph

THUMBNAIL = 160  # pixels a side


@dataclass(frozen=True, slots=True)
class SafeImage:
    """A photograph made anew from its pixels: upright RGB, at most 2,048 px a side, nothing of the file left.

    `png` is a lossless encoding of exactly these pixels, without any metadata.
    """

    image: Image.Image
    png: bytes

    def thumbnail(self, frame: Frame) -> bytes:
        """Return the framed square as a JPEG of 160 px a side."""
        box = (frame.left, frame.top, frame.left + frame.side, frame.top + frame.side)
        size = (THUMBNAIL, THUMBNAIL)
        small = self.image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=1.4)
        return _encoded(small, "JPEG", quality=85)


def inspect(content: bytes, limits: Limits, *, index: int | None = None, confirmed: bool = False) -> SafeImage:
    """Decode a PNG, JPEG or DICOM file in full; RefusedUploadError says in one sentence why it can't be used.

    Of the pictures in a DICOM file `index`, counted from 0, says which; without it there has to be one. `confirmed`:
    somebody has looked at what a DICOM file says is written in its picture, or at who can be recognised.
    DecodersUnavailableError where no process can be had for it.
    """
    try:
        _refuse_unfit(content, limits)
        image = reading.photograph(content, limits, index, confirmed=confirmed)
    except AppError as error:
        UPLOADS.labels("refused" if isinstance(error, RefusedUploadError) else "failed", error.kind).inc()
        raise
    return SafeImage(image, png.encoded(image))


def worth_keeping(content: bytes, limits: Limits) -> bytes:
    """Return what is kept of a file that is inspected later: of a DICOM file the pixels alone, else all of it.

    RefusedUploadError if it can be seen already that it is no photograph that could be used.
    """
    _refuse_unfit(content, limits)
    return reading.pixels_alone(content, limits, confirmed=False) if is_dicom(content) else content


def dicom_photograph(content: bytes, limits: Limits) -> DicomPhotograph:
    """Read what a DICOM file with photographs says; RefusedUploadError as above. No picture is decoded."""
    _refuse_unfit(content, limits)
    facts, pictures = reading.facts(content, limits)
    return DicomPhotograph(content, limits, facts, pictures)


def _refuse_unfit(content: bytes, limits: Limits) -> None:
    """Refuse what its length or its first bytes tell: that needs no decoding."""
    if len(content) > limits.bytes:
        raise TooLargeError(limits.too_large)
    if reason := why_not_a_photograph(content):
        raise RefusedUploadError(reason)


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
