"""Write PNG files (W3C PNG, third edition, sections 5, 9 and 10)."""

from __future__ import annotations

import struct
import zlib

from PIL import Image, ImageChops

from app.decoding.formats import PNG

HEADER = struct.Struct(">IIBBxxB")  # width, height, bit depth, colour type, interlacing
EIGHT_BIT_RGB = (8, 2)  # bit depth, colour type
UP = b"\2"  # the filter that keeps of each pixel what differs from the one above
MOST_MEMORY = 9  # of zlib, for speed


def encoded(image: Image.Image) -> bytes:
    """Return an RGB image as a PNG file, without metadata.

    All rows have one filter, and their differences are packed by run length alone: half the time that Pillow takes to
    try every filter on every row, for a file that is a twelfth larger.
    """
    above = Image.new("RGB", image.size)
    above.paste(image, (0, 1))
    differences = ImageChops.subtract_modulo(image, above).tobytes()
    row = 3 * image.width
    rows = b"".join([UP + differences[start : start + row] for start in range(0, len(differences), row)])
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, MOST_MEMORY, zlib.Z_RLE)
    packed = packer.compress(rows) + packer.flush()
    header = HEADER.pack(*image.size, *EIGHT_BIT_RGB, 0)
    return PNG + b"".join((_chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))
