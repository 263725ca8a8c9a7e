"""How large the small pictures of a DICOM file are, and how many of them there may be."""

from __future__ import annotations

MOST_PICTURES = 60  # to choose from
SINGLE, SMALL = 1024, 400  # pixels of the longer side: of a picture alone, and of one among others


def side_of(pictures: int) -> int:
    """Return the longest side of each of so many pictures, in pixels."""
    return SINGLE if pictures == 1 else SMALL
