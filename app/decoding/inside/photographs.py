"""Judge a file by its content, and decode the photograph in it in full, within the limits."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from app.decoding.formats import DAMAGED, JPEG, is_dicom
from app.decoding.inside import jpeg, png
from app.decoding.inside.dicom.intake import DicomPhotograph
from app.decoding.limits import MEGAPIXEL, SHORTEST_SIDE, Limits, too_small
from app.errors import RefusedUploadError
from models.photograph import upright_rgb

MOST_SCANS = 100  # a progressive JPEG has about ten; each costs a pass over the whole picture
MOST_FRAMES = 4  # a photograph, and what phones put behind it: preview, gain map, depth

SEVERAL = "The file holds several pictures; please choose a file with a single photograph."
NARROW = "The photograph is too long and narrow; please crop it to the lesion."
# everything that Pillow is known to raise on files that are not as they should be
UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AssertionError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def photograph(content: bytes, limits: Limits, index: int | None = None, *, confirmed: bool = False) -> Image.Image:
    """Decode a PNG, JPEG or DICOM file: upright RGB of a bounded size; RefusedUploadError if it can't be used.

    Of the pictures in a DICOM file `index`, counted from 0, says which; without it there has to be one. `confirmed`:
    somebody has looked at what a DICOM file says is written in its picture, or at who can be recognised.
    """
    if is_dicom(content):
        image = upright_rgb(opened_dicom(content, limits).chosen(index, confirmed=confirmed))
    else:
        image = _decoded(content, limits)
    if min(image.size) < SHORTEST_SIDE:
        raise RefusedUploadError(NARROW)
    return image


def opened_dicom(content: bytes, limits: Limits) -> DicomPhotograph:
    """Read the headers of a DICOM file with photographs; RefusedUploadError as above. Nothing is decoded."""
    opened = DicomPhotograph(content, limits)
    if min(opened.picture.size) < SHORTEST_SIDE:
        raise RefusedUploadError(too_small(*opened.picture.size))
    return opened


def _decoded(content: bytes, limits: Limits) -> Image.Image:
    try:
        _refuse_unsuitable(content, limits)
        with _opened(content) as file:
            return upright_rgb(file)
    except BOMB as error:
        raise RefusedUploadError(limits.too_many_pixels) from error
    except UNREADABLE as error:
        raise RefusedUploadError(DAMAGED) from error


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))


def _refuse_unsuitable(content: bytes, limits: Limits) -> None:
    """Read headers and checksums only: nothing is decoded before it is known to be of a reasonable size."""
    with _opened(content) as file:
        width, height = file.size
        if width * height > limits.megapixels * MEGAPIXEL:
            raise RefusedUploadError(limits.too_many_pixels)
        if min(width, height) < SHORTEST_SIDE:
            raise RefusedUploadError(too_small(width, height))
        if _holds_several(file):
            raise RefusedUploadError(SEVERAL)
        if content.startswith(JPEG):
            _refuse_endless(content)
        else:
            file.verify()  # walks through all chunks of a PNG: what decoding leaves out is checked as well
            _refuse_unfinished(content)


def _holds_several(file: Image.Image) -> bool:
    """Tell whether there are more photographs; at most half as wide, it is a preview or a gain map."""
    frames: int = getattr(file, "n_frames", 1)
    if frames == 1:
        return False
    if file.format != "MPO" or frames > MOST_FRAMES:
        return True
    width = file.width
    for further in range(1, frames):
        file.seek(further)
        if 2 * file.width > width:
            return True
    return False


def _refuse_endless(content: bytes) -> None:
    count = jpeg.scans(content)
    if count is None or not 1 <= count <= MOST_SCANS:
        raise RefusedUploadError(DAMAGED)


def _refuse_unfinished(content: bytes) -> None:
    if not png.is_complete(content):
        raise RefusedUploadError(DAMAGED)
