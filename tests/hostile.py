"""Files that are not what they should be, and odd ones that are: made here, by name, for the tests of the intake."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable
from types import MappingProxyType

from PIL import Image, PngImagePlugin

from app.decoding import formats
from app.decoding.inside import photographs
from app.decoding.inside.dicom import structure
from app.decoding.limits import Limits, too_small
from tests.pictures import jpeg, lesion_picture, png

LIMITS = Limits()
SMALL = (96, 80)  # large enough to be accepted, small enough for a fast test
MARKER = b"PLANTED-51.4778N-Jane-Roe"  # must not survive anywhere
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(size: tuple[int, int] = SMALL) -> Image.Image:
    return lesion_picture(5, size)


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def with_chunk(kind: bytes, content: bytes) -> bytes:
    """A sound PNG with one more chunk behind its header."""
    whole = png(picture())
    return whole[:33] + chunk(kind, content) + whole[33:]


def with_segment(marker: int, content: bytes, whole: bytes | None = None) -> bytes:
    """A sound JPEG with one more segment at its start."""
    whole = jpeg(picture()) if whole is None else whole
    return whole[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + whole[2:]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]  # Pillow judges them
    return file.getvalue()


def several(kind: str, sizes: tuple[tuple[int, int], ...] = (SMALL, SMALL)) -> bytes:
    first, *others = [lesion_picture(seed, size) for seed, size in enumerate(sizes)]
    return saved(first, kind, save_all=True, append_images=others)


def flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 0x10]) + content[position + 1 :]


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG whose header claims another size than it has."""
    whole = jpeg(picture())
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def endless_scans() -> bytes:
    """A progressive JPEG that repeats its last scan over and over: small to send, long to decode."""
    whole = jpeg(picture(), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 200 + whole[-2:]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lesion.jpg", jpeg(picture()))
    return file.getvalue()


def metadata(**texts: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text, zip=True)
    return info


def _sniffed(start: str) -> str:
    """The sentence of `formats` that begins so."""
    return next(sentence for _, sentence in formats.OTHERS if sentence.startswith(start))


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BOMB = zlib.compress(bytes(200_000_000), 9)
TEXT = f"This is text, not a photograph; {formats.CHOOSE}"
ISO = b"\x00\x00\x00\x18ftyp"

# name -> (what makes it, the sentence that refuses it)
REFUSED: MappingProxyType[str, tuple[Callable[[], bytes], str]] = MappingProxyType(
    {
        "an empty file": (lambda: b"", "The file is empty; please choose the photograph again."),
        "a text": (lambda: b"The lesion is brown.", TEXT),
        "a text that begins like a JPEG's name": (lambda: b"JFIF photograph of a lesion", TEXT),
        "random bytes": (lambda: bytes(range(7, 256, 3)) * 40, formats.UNKNOWN),
        "zeros": (lambda: bytes(4096), formats.UNKNOWN),
        "a GIF": (lambda: saved(picture(), "GIF"), _sniffed("This is a GIF")),
        "an animated GIF": (lambda: several("GIF"), _sniffed("This is a GIF")),
        "a WebP": (lambda: saved(picture(), "WEBP"), _sniffed("This is a WebP")),
        "a TIFF": (lambda: saved(picture(), "TIFF"), _sniffed("This is a TIFF")),
        "a big-endian TIFF": (lambda: b"MM\x00*" + bytes(64), _sniffed("This is a TIFF")),
        "a BMP": (lambda: saved(picture(), "BMP"), _sniffed("This is a BMP")),
        "a JPEG 2000": (lambda: saved(picture(), "JPEG2000"), _sniffed("This is a JPEG 2000")),
        "an AVIF": (lambda: ISO + b"avif" + bytes(64), _sniffed("This is an AVIF")),
        "a HEIC from a phone": (lambda: ISO + b"heic" + bytes(64), formats.HEIC),
        "a HEIF of brand mif1": (lambda: ISO + b"mif1" + bytes(64), formats.HEIC),
        "a Canon raw file": (lambda: ISO + b"crx " + bytes(64), _sniffed("This is a camera's raw")),
        "a video": (lambda: ISO + b"isom" + bytes(64), _sniffed("This is a video")),
        "a JPEG XL": (lambda: b"\xff\x0a" + bytes(64), _sniffed("This is a JPEG XL")),
        "a Photoshop file": (lambda: b"8BPS\x00\x01" + bytes(64), _sniffed("This is a Photoshop")),
        "a DICOM file with nothing in it": (lambda: bytes(128) + b"DICM" + bytes(64), structure.DAMAGED),
        "a DICOM file without its beginning": (
            lambda: b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + bytes(64),
            formats.BARE,
        ),
        "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", _sniffed("This is a PDF")),
        "a zip with a photograph in it": (zipped, _sniffed("This is an archive")),
        "an SVG with a script": (lambda: SVG, _sniffed("This is an SVG")),
        "a web page": (lambda: b"<!DOCTYPE html><script>alert(1)</script>", _sniffed("This is a web page")),
        "a PHP program": (lambda: b"<?php system($_GET['c']); ?>", _sniffed("This is a web page")),
        "a Windows program": (lambda: b"MZ\x90\x00" + bytes(64), _sniffed("This is a program")),
        "an EPS with Ghostscript commands": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", TEXT),
        "the first bytes of a JPEG": (lambda: b"\xff\xd8\xff\xe0", formats.DAMAGED),
        "the first bytes of a PNG": (lambda: PNG_SIGNATURE, formats.DAMAGED),
        "a JPEG cut in half": (lambda: jpeg(picture())[: len(jpeg(picture())) // 2], formats.DAMAGED),
        "a JPEG without its last two bytes": (lambda: jpeg(picture())[:-2], formats.DAMAGED),
        "a progressive JPEG cut short": (lambda: jpeg(picture(), progressive=True)[:-400], formats.DAMAGED),
        "a JPEG header with nothing behind it": (
            lambda: jpeg(picture())[: jpeg(picture()).index(b"\xff\xda")],
            formats.DAMAGED,
        ),
        "a JPEG without scans": (lambda: b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9", formats.DAMAGED),
        "a JPEG with endless scans": (endless_scans, formats.DAMAGED),
        "a JPEG that claims 65,000 by 65,000": (lambda: jpeg_of_size(65000, 65000), LIMITS.too_many_pixels),
        "a JPEG that claims 7,000 by 6,000": (lambda: jpeg_of_size(7000, 6000), LIMITS.too_many_pixels),
        "a PNG cut in half": (lambda: png(picture())[: len(png(picture())) // 2], formats.DAMAGED),
        "a PNG without its end": (lambda: png(picture())[:-12], formats.DAMAGED),
        "a PNG with a flipped bit in its pixels": (lambda: flipped(png(picture()), 2000), formats.DAMAGED),
        "a PNG with a flipped bit in its header": (lambda: flipped(png(picture()), 19), formats.DAMAGED),
        "a PNG with a wrong checksum": (lambda: flipped(png(picture()), 30), formats.DAMAGED),
        "a PNG without pixels": (lambda: PNG_SIGNATURE + header(*SMALL) + chunk(b"IEND", b""), formats.DAMAGED),
        "a PNG of an impossible depth": (
            lambda: PNG_SIGNATURE + header(*SMALL, depth=3) + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
            formats.DAMAGED,
        ),
        "a PNG that claims 100,000 by 100,000": (
            lambda: PNG_SIGNATURE + header(100_000, 100_000) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
            LIMITS.too_many_pixels,
        ),
        "a PNG of 41 megapixels": (
            lambda: png(Image.new("1", (8200, 5000))),
            LIMITS.too_many_pixels,
        ),
        "a PNG of 95 megapixels": (
            lambda: PNG_SIGNATURE + header(10_000, 9_500) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
            LIMITS.too_many_pixels,
        ),
        "a PNG with a bomb in its text": (lambda: with_chunk(b"zTXt", b"c\x00\x00" + BOMB), formats.DAMAGED),
        "a PNG with a bomb for a colour profile": (
            lambda: with_chunk(b"iCCP", b"p\x00\x00" + BOMB),
            formats.DAMAGED,
        ),
        "an animated PNG": (lambda: several("PNG"), photographs.SEVERAL),
        "two photographs in one JPEG": (lambda: several("MPO"), photographs.SEVERAL),
        "a stereo pair of different sizes": (lambda: several("MPO", ((96, 80), (80, 70))), photographs.SEVERAL),
        "ten pictures in one JPEG": (
            lambda: several("MPO", ((200, 160), *itertools.repeat((64, 64), 9))),
            photographs.SEVERAL,
        ),
        "a photograph of 63 pixels": (lambda: png(picture((63, 200))), too_small(63, 200)),
        "a single pixel": (lambda: png(Image.new("RGB", (1, 1))), too_small(1, 1)),
        "a strip that is too narrow when reduced": (
            lambda: png(Image.new("L", (9000, 100))),
            "The photograph is too long and narrow; please crop it to the lesion.",
        ),
        "a file larger than the limit": (lambda: jpeg(picture()) + bytes(LIMITS.bytes), LIMITS.too_large),
    }
)
