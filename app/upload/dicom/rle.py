"""Unpack RLE frames, and no more of them than a frame has (PS3.5, annex G)."""

from __future__ import annotations

import struct

HEADER = struct.Struct("<16I")  # how many segments, and where each begins
MOST_SEGMENTS = 15


def planes(frame: bytes, count: int, length: int) -> list[bytes]:
    """Return the `count` segments of a frame, unpacked to `length` bytes each; ValueError if there is less."""
    number, *starts = HEADER.unpack_from(frame)
    if number != count or count > MOST_SEGMENTS:
        raise ValueError("the number of segments is not that of the samples")
    ends = [*starts[1:count], len(frame)]
    return [_unpacked(frame[start:end], length) for start, end in zip(starts[:count], ends, strict=True)]


def _unpacked(segment: bytes, length: int) -> bytes:
    """Undo the PackBits of a segment (PS3.5, G.3.2)."""
    out, position = bytearray(), 0
    while len(out) < length:
        control = segment[position]  # IndexError where it breaks off
        if control < 128:  # noqa: PLR2004 - as the standard has it: so many bytes, as they are
            out += segment[position + 1 : position + 2 + control]
            position += 2 + control
        elif control > 128:  # noqa: PLR2004 - one byte, so many times
            out += segment[position + 1 : position + 2] * (257 - control)
            position += 2
        else:
            position += 1
    if len(out) != length:
        raise ValueError("a run crosses the end of the plane")
    return bytes(out)
