"""What an upload hands over to be recorded: plain values, already judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What the clinician wrote about the patient; `age` is in years, blank fields are None."""

    patient_name: str
    age: int | None
    sex: str | None
    body_site: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class KeptPhotograph:
    """A photograph as it is kept: `png` without metadata, `thumbnail` a 160 px JPEG; sides in px of `png`."""

    png: bytes
    thumbnail: bytes
    width: int
    height: int
