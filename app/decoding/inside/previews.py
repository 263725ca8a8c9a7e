"""What a DICOM file holds, in small: pixels to look at and to choose from."""

from __future__ import annotations

from PIL import Image

from app.decoding.inside.dicom.intake import DicomPhotograph
from app.decoding.limits import MEGAPIXEL, Limits
from app.decoding.previews import MOST_PICTURES, side_of
from app.errors import RefusedUploadError
from models.photograph import upright_rgb


def previews_of(photograph: DicomPhotograph, limits: Limits) -> list[Image.Image]:
    """Return the pictures of a file in small, as many as may be decoded at a time; at least the first.

    RefusedUploadError if there are too many to choose from, or one is damaged.
    """
    picture = photograph.picture
    if picture.frames > MOST_PICTURES:
        raise RefusedUploadError(
            f"The DICOM file holds {picture.frames:,} pictures, more than the {MOST_PICTURES} that can be chosen from "
            "here; please export the one that is meant."
        )
    shown = max(1, limits.megapixels * MEGAPIXEL // (picture.rows * picture.columns))
    side = side_of(picture.frames)
    return [_small(photograph.image(index), side) for index in range(min(shown, picture.frames))]


def _small(image: Image.Image, side: int) -> Image.Image:
    small = upright_rgb(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small
