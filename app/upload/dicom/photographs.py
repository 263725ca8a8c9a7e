"""A DICOM file with photographs, as far as it has been read: what it says, and how many pictures it holds."""

from __future__ import annotations

from dataclasses import dataclass

from app.decoding import reading
from app.decoding.facts import DicomFacts
from app.decoding.limits import Limits


@dataclass(frozen=True, slots=True)
class DicomPhotograph:
    """A file that is read further where that is asked for; RefusedUploadError then, if its pictures are damaged."""

    content: bytes
    limits: Limits
    facts: DicomFacts
    pictures: int

    def pixels_alone(self) -> bytes:
        """Return a DICOM file of the pixels and what is needed to read them: nothing of patient, study or device."""
        return reading.pixels_alone(self.content, self.limits, confirmed=True)
