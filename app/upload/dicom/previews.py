"""Small pictures of what a DICOM file holds, to look at and to choose from; they stand in the page itself."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image

from app.decoding import reading
from app.decoding.limits import Limits

QUALITY = 85


@dataclass(frozen=True, slots=True)
class Preview:
    """One of a file's pictures: its number from 1, and a JPEG of it as an address that holds its own data.

    `address` is None where the pictures before it were as many pixels as are decoded at a time.
    """

    number: int
    address: str | None


def previews_of(content: bytes, pictures: int, limits: Limits) -> list[Preview]:
    """Return all pictures of a file in small; RefusedUploadError if there are too many, or one is damaged."""
    addresses = [_address(small) for small in reading.previews(content, limits, pictures)]
    return [Preview(index + 1, addresses[index] if index < len(addresses) else None) for index in range(pictures)]


def _address(small: Image.Image) -> str:
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
