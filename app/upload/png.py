"""Write PNG files (W3C PNG, third edition, sections 5, 9 and 10)."""

from __future__ import annotations

import struct
import zlib

from isal import isal_zlib
from PIL import Image, ImageChops

from app.decoding.formats import PNG

HEADER = struct.Struct(">IIBBxxB")  # width, height, bit depth, colour type, interlacing
EIGHT_BIT_RGB = (8, 2)  # bit depth, colour type
UP = b"\2"  # the filter that keeps of each pixel what differs from the one above
FASTER = 1  # of ISA-L's levels: the first that looks for repetitions


def encoded(image: Image.Image) -> bytes:
    """Return an RGB image as a PNG file, without metadata.

    All rows have one filter, and their differences are packed by Intel's ISA-L: a tenth of the time that Pillow takes
    to try every filter on every row, or less, for a file that is a tenth larger.
    """
    above = Image.new("RGB", image.size)
    above.paste(image, (0, 1))
    differences = ImageChops.subtract_modulo(image, above).tobytes()
    row = 3 * image.width
    rows = b"".join([UP + differences[start : start + row] for start in range(0, len(differences), row)])
    packed = isal_zlib.compress(rows, FASTER)
    header = HEADER.pack(*image.size, *EIGHT_BIT_RGB, 0)
    return PNG + b"".join((_chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))
