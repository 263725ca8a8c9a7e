"""What a DICOM file says of patient and photograph: put into words, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LONGEST_NAME = 120  # characters
LONGEST_WORDS = 80


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """What a file says; None and empty where it doesn't. Sex and site are in our words, `age` in years at `taken`.

    `other_names` are the same name in other scripts. `region` is the body's region in the file's words.
    """

    name: str | None = None
    other_names: tuple[str, ...] = ()
    patient_id: str | None = None
    born: date | None = None
    age: int | None = None
    sex: str | None = None
    body_site: str | None = None
    region: str | None = None
    side: str | None = None
    taken: date | None = None
    device: str | None = None
    burned_in: bool = False
    recognisable: bool = False
