"""Decode one frame of a DICOM file: with Pillow, and what Pillow can't read with codecs that survive damaged files.

GDCM, which pydicom would take for JPEG, ends the process on many damaged lossless files; Pillow's libjpeg-turbo reads
the same files, and refuses the damaged ones.
"""

from __future__ import annotations

import io

from PIL import Image

from app.decoding.inside import jpeg
from app.decoding.inside.dicom import rle
from app.decoding.inside.dicom.colours import EIGHT, from_image, from_planes, from_samples, narrowed, thirds
from app.decoding.inside.dicom.colours import with_colours_of_their_own as filled
from app.decoding.inside.dicom.pixels import LENGTHS, MISMATCH, OFFSETS, PIXELS, PROFILE, RGB, YBR, YBR_422, Picture
from app.decoding.inside.dicom.structure import DAMAGED, DicomFile
from app.decoding.inside.dicom.syntaxes import JPEG, JPEG_2000, JPEG_LS, NATIVE, PACKED, RLE
from app.errors import RefusedUploadError

MOST_SCANS = 100  # a baseline JPEG has up to four
LARGEST_PROFILE = 4_000_000  # bytes


def decoded(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Return a frame, counted from 0, as an RGB image with its colour profile; whatever Pillow raises on damage."""
    if not 0 <= index < picture.frames:
        raise RefusedUploadError("The DICOM file has no such picture; please choose the file again.")
    image = READERS[file.syntax.packing](file, picture, index)
    profile = file.elements.get(PROFILE)
    if profile is not None and profile.end - profile.value <= LARGEST_PROFILE:
        image.info["icc_profile"] = file.raw(PROFILE)
    return image


def _native(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Read a frame that isn't packed."""
    length = picture.frame_bytes
    samples = _in_order(file, picture)[index * length : (index + 1) * length]
    if picture.colours == YBR_422:
        return from_samples(file, picture, filled(samples))
    if picture.allocated > EIGHT:
        samples = narrowed(samples, picture.stored, file.encoding.order)
    if picture.by_plane and picture.samples > 1:
        return from_planes(file, picture, thirds(samples))
    return from_samples(file, picture, samples)


def _in_order(file: DicomFile, picture: Picture) -> bytes:
    """Return all pixels; bytes that were written as words with their bytes swapped are swapped back."""
    samples, kind = file.raw(PIXELS) or b"", file.whole(PIXELS)[4:6]
    if file.encoding.order == "<" or picture.allocated > EIGHT or kind != b"OW":
        return samples
    swapped = bytearray(samples)
    swapped[::2], swapped[1::2] = samples[1::2], samples[::2]
    return bytes(swapped)


def _rle(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Unpack a frame: a segment for each byte of each sample, the more significant byte first."""
    wide, length = picture.allocated // EIGHT, picture.rows * picture.columns
    segments = rle.planes(_frame(file, picture, index), picture.samples * wide, length)
    if wide > 1:
        pairs = zip(segments[::2], segments[1::2], strict=True)
        segments = [narrowed(_words(high, low), picture.stored) for high, low in pairs]
    return from_planes(file, picture, segments)


def _words(high: bytes, low: bytes) -> bytes:
    words = bytearray(2 * len(low))
    words[::2], words[1::2] = low, high
    return bytes(words)


def _jpeg(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Decode a JPEG frame; what its own markers say of its colours counts more than what the file says."""
    frame = _frame(file, picture, index)
    header, count = jpeg.header(frame), jpeg.scans(frame)
    if header is None or count is None or not 1 <= count <= MOST_SCANS:
        raise RefusedUploadError(DAMAGED)
    if header.bits > EIGHT:
        raise RefusedUploadError(PACKED)
    image = _opened(frame, picture, "JPEG")
    marked = "adobe_transform" in image.info or "jfif" in image.info or header.names in jpeg.RGB_NAMES
    lossless = header.process == jpeg.LOSSLESS  # of such a frame the decoder leaves the colours alone
    if marked or picture.samples == 1 or (picture.colours != RGB and not lossless):
        return from_image(file, picture, image)
    if not lossless:
        image.draft("YCbCr", image.size)  # that is, leave them alone here, too: they are RGB, as the file says
    return from_samples(file, picture, image.tobytes())


def _jpeg_2000(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Decode a JPEG 2000 frame; the decoder has undone the transform that is part of it."""
    image = from_image(file, picture, _opened(_frame(file, picture, index), picture, "JPEG2000"))
    return from_samples(file, picture, image.tobytes()) if picture.colours in (YBR, YBR_422) else image


def _jpeg_ls(file: DicomFile, picture: Picture, index: int) -> Image.Image:
    """Decode a JPEG-LS frame, whose samples lie colour by colour if they were packed so."""
    import jpeg_ls  # noqa: PLC0415 - it loads NumPy, which stays out of the start

    frame = _frame(file, picture, index)
    header = jpeg.header(frame)
    if header is None or header.size != picture.size or len(header.names) != picture.samples:
        raise RefusedUploadError(MISMATCH)
    try:
        samples, found = jpeg_ls.decode_pixel_data(frame)
    except RuntimeError as error:  # CharLS, of damaged files
        raise RefusedUploadError(DAMAGED) from error
    plain = bytes(samples) if header.bits <= EIGHT else narrowed(bytes(samples), header.bits)
    if picture.samples > 1 and found["interleave_mode"] == 0:
        return from_planes(file, picture, thirds(plain))
    return from_samples(file, picture, plain)


def _opened(frame: bytes, picture: Picture, kind: str) -> Image.Image:
    """Read a frame's header; its own size has to be the file's before anything is decoded."""
    try:
        image = Image.open(io.BytesIO(frame), formats=(kind,))
    except Image.DecompressionBombError as error:
        raise RefusedUploadError(MISMATCH) from error
    if image.size != picture.size:
        raise RefusedUploadError(MISMATCH)
    return image


def _frame(file: DicomFile, picture: Picture, index: int) -> bytes:
    """Put the fragments of a packed frame together."""
    from pydicom.encaps import get_frame  # noqa: PLC0415 - it loads NumPy, which stays out of the start

    offsets, lengths = file.raw(OFFSETS), file.raw(LENGTHS)
    table = (offsets, lengths) if offsets and lengths else None
    pixels = file.raw(PIXELS) or b""
    return get_frame(pixels, index, number_of_frames=picture.frames, extended_offsets=table)


READERS = {NATIVE: _native, RLE: _rle, JPEG: _jpeg, JPEG_LS: _jpeg_ls, JPEG_2000: _jpeg_2000}
