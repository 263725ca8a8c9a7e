"""Small pictures of what a DICOM file holds, to look at and to choose from; they stand in the page itself."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from app.errors import RefusedUploadError
from app.inference import upright_rgb
from app.upload.dicom.intake import DicomPhotograph

if TYPE_CHECKING:
    from app.upload.inspection import Limits

MOST_PICTURES = 60  # to choose from
SINGLE, SMALL = 1024, 400  # pixels of the longer side: of a picture alone, and of one among others
QUALITY = 85
MEGAPIXEL = 1_000_000


@dataclass(frozen=True, slots=True)
class Preview:
    """One of a file's pictures: its number from 1, and a JPEG of it as an address that holds its own data.

    `address` is None where the pictures before it were as many pixels as are decoded at a time.
    """

    number: int
    address: str | None


def previews_of(photograph: DicomPhotograph, limits: Limits) -> list[Preview]:
    """Return all pictures of a file in small; RefusedUploadError if there are too many, or one is damaged."""
    picture = photograph.picture
    if picture.frames > MOST_PICTURES:
        raise RefusedUploadError(
            f"The DICOM file holds {picture.frames:,} pictures, more than the {MOST_PICTURES} that can be chosen from "
            "here; please export the one that is meant."
        )
    shown = max(1, limits.megapixels * MEGAPIXEL // (picture.rows * picture.columns))
    side = SINGLE if picture.frames == 1 else SMALL
    return [
        Preview(index + 1, _address(photograph.image(index), side) if index < shown else None)
        for index in range(picture.frames)
    ]


def _address(image: Image.Image, side: int) -> str:
    small = upright_rgb(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
