"""Walk through the markers of a JPEG file (ITU-T T.81, annex B; of a JPEG-LS file, T.87, annex C)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

# in a scan 0xFF is followed by 0x00 or by a restart marker; anything else is the next marker
MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
LOSSLESS, LS = 0xC3, 0xF7  # the starts of a lossless frame and of a JPEG-LS frame
STARTS_OF_FRAME = frozenset({*range(0xC0, 0xD0), LS} - {0xC4, 0xC8, 0xCC})
RGB_NAMES = (b"RGB", b"rgb")  # components that are called so are not transformed
FRAME = struct.Struct(">xxBHHB")  # length, bits of a sample, height, width, number of components


class Header(NamedTuple):
    """How a picture is coded: its process, the bits of a sample, its sides in px, the names of its components."""

    process: int
    bits: int
    width: int
    height: int
    names: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


def scans(content: bytes) -> int | None:
    """Count the scans of the first picture in a JPEG file; None if the file ends before that picture does."""
    count = 0
    for marker, _ in _segments(content):
        if marker == END_OF_IMAGE:
            return count
        count += marker == START_OF_SCAN
    return None


def header(content: bytes) -> Header | None:
    """Return how the first picture in a JPEG file is coded; None if the file doesn't say so, struct.error if cut."""
    for marker, position in _segments(content):
        if marker in STARTS_OF_FRAME:
            bits, height, width, count = FRAME.unpack_from(content, position)
            start = position + FRAME.size
            return Header(marker, bits, width, height, content[start : start + 3 * count : 3])
        if marker in (START_OF_SCAN, END_OF_IMAGE):
            break
    return None


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker, and where what belongs to it begins: with its length, which counts itself."""
    position = 0
    while found := MARKER.search(content, position):
        marker, position = found[0][1], found.end()
        yield marker, position
        position += int.from_bytes(content[position : position + 2], "big")
