"""Make RGB images of decoded samples, whatever colours they are in and however they lie (PS3.3, C.7.6.3.1.2)."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from app.decoding.inside.dicom.palette import coloured
from app.decoding.inside.dicom.pixels import MISMATCH, PALETTE, YBR, YBR_422, Picture
from app.decoding.inside.dicom.structure import DicomFile
from app.errors import RefusedUploadError

EIGHT = 8  # bits


def from_samples(file: DicomFile, picture: Picture, samples: bytes) -> Image.Image:
    """Return the image of samples of 8 bits, pixel by pixel; ValueError if there are too few or too many."""
    if picture.colours == PALETTE:
        return coloured(Image.frombytes("L", picture.size, samples), file)
    return Image.frombytes(_mode(picture), picture.size, samples).convert("RGB")


def from_planes(file: DicomFile, picture: Picture, planes: Sequence[bytes]) -> Image.Image:
    """Return the image of samples of 8 bits, colour by colour; ValueError if there are too few or too many."""
    if picture.colours == PALETTE:
        return from_samples(file, picture, planes[0])
    bands = [Image.frombytes("L", picture.size, plane) for plane in planes]
    return Image.merge(_mode(picture), bands).convert("RGB")


def from_image(file: DicomFile, picture: Picture, image: Image.Image) -> Image.Image:
    """Return an image that Pillow has decoded, with nothing beside its pixels but its colour profile."""
    image.load()
    if image.mode != ("L" if picture.colours == PALETTE else "RGB"):
        raise RefusedUploadError(MISMATCH)
    if picture.colours == PALETTE:
        return coloured(image, file)
    plain, profile = image.copy(), image.info.get("icc_profile")
    plain.info = {} if profile is None else {"icc_profile": profile}
    return plain


def narrowed(samples: bytes, stored: int, order: str = "<") -> bytes:
    """Return samples of words in 8 bits: the upper ones of those that are stored."""
    wide = Image.frombytes("I;16" if order == "<" else "I;16B", (len(samples) // 2, 1), samples).convert("I")
    return wide.point(lambda level: level / 2 ** (stored - EIGHT)).convert("L").tobytes()


def thirds(samples: bytes) -> list[bytes]:
    """Return the three planes that samples consist of."""
    length = len(samples) // 3
    return [samples[start : start + length] for start in (0, length, 2 * length)]


def with_colours_of_their_own(samples: bytes) -> bytes:
    """Give pixels of which two share their colour one each: Y, Y, Cb, Cr become Y, Cb, Cr and Y, Cb, Cr."""
    out = bytearray(len(samples) // 2 * 3)
    for place, source in enumerate((0, 2, 3, 1, 2, 3)):
        out[place::6] = samples[source::4]
    return bytes(out)


def _mode(picture: Picture) -> str:
    """Return Pillow's word for the colours; JPEG 2000 undoes its own transforms, and leaves RGB."""
    return "YCbCr" if picture.colours in (YBR, YBR_422) else "RGB"
