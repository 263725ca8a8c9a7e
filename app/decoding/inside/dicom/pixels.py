"""What a DICOM file says of its picture, judged before anything is decoded (PS3.3, C.7.6.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from app.decoding.inside.dicom.structure import DAMAGED, DicomFile
from app.decoding.inside.dicom.syntaxes import NATIVE, PACKED
from app.decoding.limits import MEGAPIXEL, Limits
from app.errors import RefusedUploadError

SAMPLES, PHOTOMETRIC, PLANAR, FRAMES = 0x0028_0002, 0x0028_0004, 0x0028_0006, 0x0028_0008
ROWS, COLUMNS = 0x0028_0010, 0x0028_0011
ALLOCATED, STORED, REPRESENTATION = 0x0028_0100, 0x0028_0101, 0x0028_0103
PALETTES = ((0x0028_1101, 0x0028_1201), (0x0028_1102, 0x0028_1202), (0x0028_1103, 0x0028_1203))
SEGMENTED = 0x0028_1221
PROFILE = 0x0028_2000
OFFSETS, LENGTHS = 0x7FE0_0001, 0x7FE0_0002
PIXELS = 0x7FE0_0010
FLOAT_PIXELS = (0x7FE0_0008, 0x7FE0_0009)
OF_THE_PICTURE = (
    SAMPLES, PHOTOMETRIC, PLANAR, FRAMES, ROWS, COLUMNS, ALLOCATED, STORED, REPRESENTATION,
    *(tag for pair in PALETTES for tag in pair), PROFILE, OFFSETS, LENGTHS, PIXELS,
)  # fmt: skip

RGB, YBR, YBR_422, PALETTE = "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR"
DECODED_TO_RGB = ("YBR_ICT", "YBR_RCT")  # JPEG 2000 undoes these itself
COLOURS = (RGB, YBR, YBR_422, PALETTE, *DECODED_TO_RGB)
MOST_FRAMES = 10_000
LARGEST_PALETTE = 256  # colours
LARGEST_VALUE = 65_536  # bytes of a palette, which is the largest thing beside pixels and profile

NO_PICTURE = "The DICOM file holds no picture; please choose one with a photograph."
GREY = (
    "The picture in the DICOM file is grey, as X-rays and scans are; lesions are judged by colour: please choose a "
    "colour photograph."
)
MISMATCH = "The DICOM file contradicts itself: its picture is not as the file says; please export it again."


@dataclass(frozen=True, slots=True)
class Picture:
    """How the frames of a file are written: sizes in pixels, `allocated` and `stored` in bits of a sample."""

    rows: int
    columns: int
    frames: int
    samples: int
    colours: str
    by_plane: bool
    allocated: int
    stored: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.columns, self.rows

    @property
    def frame_bytes(self) -> int:
        """The length of one frame, unpacked."""
        samples = 2 if self.colours == YBR_422 else self.samples
        return self.rows * self.columns * samples * self.allocated // 8


def picture_of(file: DicomFile, limits: Limits) -> Picture:
    """Read how the picture is written; RefusedUploadError where it is not a colour photograph of bounded size."""
    if PIXELS not in file.elements:
        raise RefusedUploadError(PACKED if any(tag in file.elements for tag in FLOAT_PIXELS) else NO_PICTURE)
    picture = Picture(
        rows=_number(file, ROWS),
        columns=_number(file, COLUMNS),
        frames=_frames(file),
        samples=_number(file, SAMPLES),
        colours=_text(file, PHOTOMETRIC),
        by_plane=_number(file, PLANAR, 0) == 1,
        allocated=_number(file, ALLOCATED),
        stored=_number(file, STORED),
    )
    _refuse_colourless(picture)
    _refuse_strange(file, picture)
    if picture.rows * picture.columns > limits.megapixels * MEGAPIXEL:
        raise RefusedUploadError(limits.too_many_pixels)
    if file.syntax.packing == NATIVE:
        _refuse_contradiction(file, picture)
    return picture


def _refuse_colourless(picture: Picture) -> None:
    if picture.colours.startswith("MONOCHROME"):
        raise RefusedUploadError(GREY)
    if picture.colours not in COLOURS:
        raise RefusedUploadError(PACKED)


def _refuse_strange(file: DicomFile, picture: Picture) -> None:
    samples = 1 if picture.colours == PALETTE else 3
    if not (picture.rows and picture.columns and picture.frames) or picture.samples != samples:
        raise RefusedUploadError(DAMAGED)
    if picture.allocated not in (8, 16) or not 8 <= picture.stored <= picture.allocated:  # noqa: PLR2004 - bits
        raise RefusedUploadError(PACKED)
    if _number(file, REPRESENTATION, 0) != 0 or SEGMENTED in file.elements:
        raise RefusedUploadError(PACKED)
    if picture.colours in (PALETTE, YBR_422) and picture.allocated != 8:  # noqa: PLR2004 - bits
        raise RefusedUploadError(PACKED)


def _refuse_contradiction(file: DicomFile, picture: Picture) -> None:
    if picture.colours in DECODED_TO_RGB or (picture.colours == YBR_422 and picture.columns % 2):
        raise RefusedUploadError(PACKED)
    element, wanted = file.elements[PIXELS], picture.frame_bytes * picture.frames
    if element.end - element.value not in (wanted, wanted + wanted % 2):  # values have an even length
        raise RefusedUploadError(MISMATCH)


def _number(file: DicomFile, tag: int, default: int | None = None) -> int:
    value = _value(file, tag)
    if value is None and default is not None:
        return default
    try:
        return int(struct.unpack_from(f"{file.encoding.order}H", value or b"")[0])
    except struct.error as error:
        raise RefusedUploadError(DAMAGED) from error


def _frames(file: DicomFile) -> int:
    written = _text(file, FRAMES) or "1"
    if not (written.isascii() and written.isdigit() and int(written[:9]) <= MOST_FRAMES and len(written) < 9):  # noqa: PLR2004 - digits
        raise RefusedUploadError(DAMAGED)
    return int(written)


def _text(file: DicomFile, tag: int) -> str:
    return (_value(file, tag) or b"").decode("ascii", "replace").strip("\0 ")


def _value(file: DicomFile, tag: int) -> bytes | None:
    element = file.elements.get(tag)
    if element is not None and element.end - element.value > LARGEST_VALUE:
        raise RefusedUploadError(DAMAGED)
    return file.raw(tag)
