"""The transfer syntaxes that are read here, and why others are not (PS3.6, annex A)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

NATIVE, RLE, JPEG, JPEG_LS, JPEG_2000 = "native", "RLE", "JPEG", "JPEG-LS", "JPEG 2000"
ROOT = "1.2.840.10008.1.2"
EXPLICIT = f"{ROOT}.1"
DEFLATED = f"{ROOT}.1.99"
VIDEO = tuple(f"{ROOT}.4.{number}" for number in range(100, 109))  # MPEG-2, MPEG-4, HEVC; some have a further number
VIDEO_SENTENCE = "The DICOM file holds a video; please export a single photograph of it."
PACKED = "The picture in the DICOM file is packed in a way that is not read here; please export it as JPEG or PNG."


@dataclass(frozen=True, slots=True)
class Syntax:
    """In which byte order a data set is written, as `struct` has it, and how its pixels are packed."""

    uid: str
    packing: str
    order: str = "<"


_ALL = (
    Syntax(ROOT, NATIVE),
    Syntax(EXPLICIT, NATIVE),
    Syntax(DEFLATED, NATIVE),
    Syntax(f"{ROOT}.2", NATIVE, order=">"),
    Syntax(f"{ROOT}.5", RLE),
    # baseline, extended, and the two lossless processes
    *(Syntax(f"{ROOT}.4.{number}", JPEG) for number in (50, 51, 57, 70)),
    *(Syntax(f"{ROOT}.4.{number}", JPEG_LS) for number in (80, 81)),
    # the last three are High-Throughput JPEG 2000
    *(Syntax(f"{ROOT}.4.{number}", JPEG_2000) for number in (90, 91, 201, 202, 203)),
)
SYNTAXES = MappingProxyType({syntax.uid: syntax for syntax in _ALL})


def unreadable(uid: str) -> str:
    """Return the sentence for a transfer syntax that is not in SYNTAXES."""
    return VIDEO_SENTENCE if uid.startswith(VIDEO) else PACKED
