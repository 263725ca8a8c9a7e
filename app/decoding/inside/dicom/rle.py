"""Unpack RLE frames, and no more of them than a frame has (PS3.5, annex G)."""

from __future__ import annotations

import struct

from PIL import Image

HEADER = struct.Struct("<16I")  # how many segments, and where each begins
MOST_SEGMENTS = 15


def planes(frame: bytes, count: int, length: int) -> list[bytes]:
    """Return the `count` segments of a frame, unpacked to `length` bytes each; ValueError if they have more or less."""
    number, *starts = HEADER.unpack_from(frame)
    if number != count or count > MOST_SEGMENTS:
        raise ValueError("the number of segments is not that of the samples")
    ends = [*starts[1:count], len(frame)]
    return [_unpacked(frame[start:end], length) for start, end in zip(starts[:count], ends, strict=True)]


def _unpacked(segment: bytes, length: int) -> bytes:
    """Undo the PackBits of a segment (PS3.5, G.3.2), which TIFF has as well; runs may go on from row to row."""
    return Image.frombytes("L", (length, 1), segment, "packbits", "L").tobytes()
