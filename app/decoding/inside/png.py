"""Tell whether the pixel data of a PNG file is complete (W3C PNG, third edition, sections 5, 8 and 9)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress as _Unpacker

HEADER = struct.Struct(">IIBBxxB")  # width, height, bit depth, colour type, interlacing
HEADER_START = 16  # behind the signature, and length and name of the first chunk
CHUNK = struct.Struct(">I4s")
SIGNATURE, CHECKSUM = 8, 4  # bytes
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
PIECE = 1 << 20  # bytes that are held at a time


def is_complete(content: bytes) -> bool:
    """Tell whether a PNG file has all its pixels; Pillow leaves blank what is missing.

    The file's chunks must have been checked before; zlib.error, struct.error or KeyError if it is not a PNG.
    """
    wanted, unpacker = _bytes_of_pixels(content), zlib.decompressobj()
    for packed in _pixel_chunks(content):
        wanted -= _unpacked(unpacker, packed, wanted)
    return wanted <= 0


def _unpacked(unpacker: _Unpacker, packed: bytes, wanted: int) -> int:
    """Unpack a chunk piece by piece, and return how many bytes came out; stop soon after `wanted`."""
    count = 0
    while count < wanted:
        piece = unpacker.decompress(packed, PIECE)
        packed = unpacker.unconsumed_tail
        count += len(piece)
        if not piece and not packed:
            break
    return count


def _bytes_of_pixels(content: bytes) -> int:
    """Return how long the unpacked pixel data has to be: rows of whole bytes, with one more for the filter."""
    width, height, depth, colour, interlaced = HEADER.unpack_from(content, HEADER_START)
    bits = depth * CHANNELS[colour]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [(-(-(width - left) // across), -(-(height - top) // down)) for left, top, across, down in passes]
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0)


def _pixel_chunks(content: bytes) -> Iterator[bytes]:
    position = SIGNATURE
    while position + CHUNK.size <= len(content):
        length, kind = CHUNK.unpack_from(content, position)
        start = position + CHUNK.size
        if kind == b"IDAT":
            yield content[start : start + length]
        position = start + length + CHECKSUM
