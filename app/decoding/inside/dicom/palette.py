"""Colours by number: the tables that PALETTE COLOR pictures look their colours up in (PS3.3, C.7.6.3.1.5 and 1.6)."""

from __future__ import annotations

import struct

from PIL import Image

from app.decoding.inside.dicom.pixels import LARGEST_VALUE, PALETTES
from app.decoding.inside.dicom.structure import DAMAGED, DicomFile
from app.errors import RefusedUploadError

LEVELS = 256  # numbers that a pixel of 8 bits may have
EIGHT, SIXTEEN = 8, 16  # bits


def coloured(numbers: Image.Image, file: DicomFile) -> Image.Image:
    """Return the RGB image that an image of colour numbers (mode L) stands for."""
    bands = [numbers.point(_table(file, descriptor, table)) for descriptor, table in PALETTES]
    return Image.merge("RGB", bands)


def _table(file: DicomFile, descriptor: int, table: int) -> list[int]:
    """Return the level of each number, from 0 to 255; numbers beyond the table's ends have those of its ends."""
    raw, order = file.raw(table), file.encoding.order
    try:
        entries, first, bits = struct.unpack(f"{order}HHH", file.raw(descriptor) or b"")
    except struct.error as error:
        raise RefusedUploadError(DAMAGED) from error
    count = entries or 1 << SIXTEEN  # PS3.3: 0 means 65,536
    if raw is None or bits not in (EIGHT, SIXTEEN) or len(raw) > 2 * LARGEST_VALUE:
        raise RefusedUploadError(DAMAGED)
    levels = _levels(raw, count, bits, order)
    return [levels[max(0, min(number - first, count - 1))] for number in range(LEVELS)]


def _levels(raw: bytes, count: int, bits: int, order: str) -> list[int]:
    """Return the table's entries in 8 bits; some write one to a byte, others one to a word."""
    if bits == EIGHT and len(raw) in (count, count + count % 2):
        if order == ">":  # words, their bytes swapped
            return [level for pair in zip(raw[1::2], raw[::2], strict=False) for level in pair]
        return list(raw)
    if len(raw) != 2 * count:
        raise RefusedUploadError(DAMAGED)
    words = struct.unpack(f"{order}{count}H", raw)
    shift = 0 if bits == EIGHT or max(words) < LEVELS else SIXTEEN - EIGHT
    return [min(word >> shift, LEVELS - 1) for word in words]
