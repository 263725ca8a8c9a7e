"""Judge an uploaded file by its content, and make of it a photograph that is safe to keep and to show."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image

from app.errors import RefusedUploadError, TooLargeError
from app.inference import Frame, upright_rgb
from app.setting_kinds import MEGABYTE
from app.upload import jpeg, png
from app.upload.dicom.intake import DicomPhotograph
from app.upload.dicom.structure import is_dicom
from app.upload.formats import JPEG, why_not_a_photograph
from config import Settings

MEGAPIXEL = 1_000_000
SHORTEST_SIDE = 64  # pixels
THUMBNAIL = 160  # pixels a side
MOST_SCANS = 100  # a progressive JPEG has about ten; each costs a pass over the whole picture
MOST_FRAMES = 4  # a photograph, and what phones put behind it: preview, gain map, depth

DAMAGED = "The photograph is damaged or incomplete; please copy or export it again."
SEVERAL = "The file holds several pictures; please choose a file with a single photograph."
# everything that Pillow is known to raise on files that are not as they should be
UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, AssertionError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file in MiB, and the largest photograph in millions of pixels."""

    megabytes: int = 16
    megapixels: int = 40

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that are set."""
        return cls(settings.upload_megabytes, settings.upload_megapixels)

    @property
    def bytes(self) -> int:
        """The largest file in bytes."""
        return self.megabytes * MEGABYTE

    @property
    def too_large(self) -> str:
        """The sentence for a file of more bytes."""
        return f"The file is larger than {self.megabytes} MB; please choose a smaller one."

    @property
    def too_many_pixels(self) -> str:
        """The sentence for a photograph of more pixels."""
        return f"The photograph has more than {self.megapixels} megapixels; please choose a smaller one."


def too_small(width: object, height: object) -> str:
    """Return the sentence for a photograph of too few pixels."""
    return f"The photograph is only {width} by {height} pixels; it needs {SHORTEST_SIDE} each way."


@dataclass(frozen=True, slots=True)
class SafeImage:
    """A photograph made anew from its pixels: upright RGB, at most 2,048 px a side, nothing of the file left.

    `png` is a lossless encoding of exactly these pixels, without any metadata.
    """

    image: Image.Image
    png: bytes

    def thumbnail(self, frame: Frame) -> bytes:
        """Return the framed square as a JPEG of 160 px a side."""
        box = (frame.left, frame.top, frame.left + frame.side, frame.top + frame.side)
        size = (THUMBNAIL, THUMBNAIL)
        small = self.image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=1.4)
        return _encoded(small, "JPEG", quality=85)


def inspect(content: bytes, limits: Limits, *, index: int | None = None, confirmed: bool = False) -> SafeImage:
    """Decode a PNG, JPEG or DICOM file in full; RefusedUploadError says in one sentence why it can't be used.

    Of the pictures in a DICOM file `index`, counted from 0, says which; without it there has to be one. `confirmed`:
    somebody has looked at what a DICOM file says is written in its picture, or at who can be recognised.
    """
    _refuse_large(content, limits)
    if reason := why_not_a_photograph(content):
        raise RefusedUploadError(reason)
    if is_dicom(content):
        image = upright_rgb(dicom_photograph(content, limits).chosen(index, confirmed=confirmed))
    else:
        image = _decoded(content, limits)
    _refuse_narrow(image)
    return SafeImage(image, png.encoded(image))


def worth_keeping(content: bytes, limits: Limits) -> bytes:
    """Return what is kept of a file that is inspected later: of a DICOM file the pixels alone, else all of it.

    RefusedUploadError if it can be seen already that it is no photograph that could be used.
    """
    _refuse_large(content, limits)
    if reason := why_not_a_photograph(content):
        raise RefusedUploadError(reason)
    if not is_dicom(content):
        return content
    photograph = dicom_photograph(content, limits)
    photograph.require_single()
    photograph.require_discreet()
    return photograph.pixels_alone()


def dicom_photograph(content: bytes, limits: Limits) -> DicomPhotograph:
    """Read the headers of a DICOM file with photographs; RefusedUploadError as above. Nothing is decoded."""
    _refuse_large(content, limits)
    photograph = DicomPhotograph(content, limits)
    if min(photograph.picture.size) < SHORTEST_SIDE:
        raise RefusedUploadError(too_small(*photograph.picture.size))
    return photograph


def _decoded(content: bytes, limits: Limits) -> Image.Image:
    try:
        _refuse_unsuitable(content, limits)
        with _opened(content) as file:
            return upright_rgb(file)
    except BOMB as error:
        raise RefusedUploadError(limits.too_many_pixels) from error
    except UNREADABLE as error:
        raise RefusedUploadError(DAMAGED) from error


def _refuse_large(content: bytes, limits: Limits) -> None:
    if len(content) > limits.bytes:
        raise TooLargeError(limits.too_large)


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


def _refuse_narrow(image: Image.Image) -> None:
    if min(image.size) < SHORTEST_SIDE:
        raise RefusedUploadError("The photograph is too long and narrow; please crop it to the lesion.")


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
