"""Write PNG files (W3C PNG, third edition, sections 5, 9 and 10)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from isal import isal_zlib
from PIL import Image

from app.decoding.formats import PNG

HEADER = struct.Struct(">IIBBxxB")  # width, height, bit depth, colour type, interlacing
EIGHT_BIT_RGB = (8, 2)  # bit depth, colour type
UP = 2  # the filter that keeps of each pixel what differs from the one above
FASTER = 1  # of ISA-L's levels: the first that looks for repetitions


def encoded(image: Image.Image) -> bytes:
    """Return an RGB image as a PNG file, without metadata.

    All rows have one filter, and their differences are packed by Intel's ISA-L: a tenth of the time that Pillow takes
    to try every filter on every row, or less, for a file that is a tenth larger.
    """
    packed = isal_zlib.compress(_filtered(image), FASTER)
    header = HEADER.pack(*image.size, *EIGHT_BIT_RGB, 0)
    return PNG + b"".join((_chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b"")))


def _filtered(image: Image.Image) -> Any:
    """Return the rows of an image, (height, 1 + 3 * width) bytes: the filter, and what differs from the row above."""
    import numpy as np  # noqa: PLC0415 - stays out of the start

    pixels = np.asarray(image).reshape(image.height, -1)
    rows = np.empty((image.height, 1 + pixels.shape[1]), dtype=np.uint8)
    rows[:, 0] = UP
    rows[0, 1:] = pixels[0]  # above the first there is nothing
    np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])  # modulo 256
    return rows


def _chunk(kind: bytes, content: bytes) -> bytes:
    named = kind + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))
