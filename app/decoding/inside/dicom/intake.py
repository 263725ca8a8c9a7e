"""Take in a DICOM file: the photograph in it, what it says of the patient, and its pixels without all else."""

from __future__ import annotations

import struct

from PIL import Image

from app.decoding.facts import DicomFacts
from app.decoding.formats import MAGIC, PREAMBLE
from app.decoding.inside.dicom.facts import facts_in
from app.decoding.inside.dicom.frames import decoded
from app.decoding.inside.dicom.pixels import OF_THE_PICTURE, Picture, picture_of
from app.decoding.inside.dicom.structure import DAMAGED, DicomFile, opened
from app.decoding.inside.dicom.syntaxes import DEFLATED, EXPLICIT
from app.decoding.limits import Limits
from app.errors import RefusedUploadError

DISCLOSES = (
    "The DICOM file says that there is writing in the picture, or that the patient can be recognised in it; please "
    "send it by itself as a new test, where that can be looked at."
)
# what Pillow, CharLS and pydicom are known to raise on pictures that are not as they should be
UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AssertionError, AttributeError,
    MemoryError, RuntimeError, struct.error,
)  # fmt: skip


def several(frames: int) -> str:
    """Return the sentence for a file of more than one picture where none was chosen."""
    return (
        f"The DICOM file holds {frames:,} pictures; please send it by itself as a new test, where one of them can be "
        "chosen."
    )


class DicomPhotograph:
    """A DICOM file with one or more colour photographs; RefusedUploadError if it isn't one, or is damaged."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._file: DicomFile = opened(content, limits)
        self.picture: Picture = picture_of(self._file, limits)

    def facts(self) -> DicomFacts:
        """Return what the file says of patient and photograph."""
        return facts_in(self._file)

    def chosen(self, index: int | None = None, *, confirmed: bool = False) -> Image.Image:
        """Decode the picture at `index`, or the only one there is; RefusedUploadError where somebody has to look first.

        `confirmed`: somebody has looked at what is written in it, or at who can be recognised.
        """
        if index is None:
            self.require_single()
        if not confirmed:
            self.require_discreet()
        return self.image(index or 0)

    def require_single(self) -> None:
        """Refuse several pictures."""
        if self.picture.frames > 1:
            raise RefusedUploadError(several(self.picture.frames))

    def require_discreet(self) -> None:
        """Refuse a picture which, as the file says, could tell who it is of."""
        facts = self.facts()
        if facts.burned_in or facts.recognisable:
            raise RefusedUploadError(DISCLOSES)

    def image(self, index: int) -> Image.Image:
        """Decode one of the pictures, counted from 0, to RGB; its colour profile is not applied yet."""
        try:
            return decoded(self._file, self.picture, index)
        except UNREADABLE as error:
            raise RefusedUploadError(DAMAGED) from error

    def pixels_alone(self) -> bytes:
        """Return a DICOM file of the pixels and what is needed to read them: nothing of patient, study or device."""
        uid = EXPLICIT if self._file.syntax.uid == DEFLATED else self._file.syntax.uid
        padded = uid.encode() + b"\0" * (len(uid) % 2)
        meta = struct.pack("<HH2sH", 0x0002, 0x0010, b"UI", len(padded)) + padded
        return bytes(PREAMBLE) + MAGIC + meta + b"".join(map(self._file.whole, sorted(OF_THE_PICTURE)))
