"""Files that were made to do harm to whoever reads them, each made here: bombs, lies, loops, and files of two kinds."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from types import MappingProxyType

from PIL import Image, ImageCms
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.dicoms import dicom, dicom_of_frames
from tests.hostile import PNG_SIGNATURE, SMALL, chunk, header, picture, saved, several, with_chunk, with_segment, zipped
from tests.pictures import jpeg, png

SCRIPT = b"<script>alert(1)</script>"
START_OF_FRAME = b"\xff\xc0"


def png_of(head: bytes, packed: bytes, *further: bytes) -> bytes:
    return PNG_SIGNATURE + head + b"".join(further) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


def interlaced(width: int, height: int) -> bytes:
    """A PNG of one colour in seven passes: small to send, large to decode."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1))
    return png_of(head, zeros(2 * 3 * width * height))


def jpeg_with(at: int, fmt: str, *values: int) -> bytes:
    """A JPEG of which a field of the frame header says something else."""
    whole = jpeg(picture())
    start = whole.index(START_OF_FRAME) + at
    return whole[:start] + struct.pack(fmt, *values) + whole[start + struct.calcsize(fmt) :]


def without(marker: bytes) -> bytes:
    """A JPEG that lacks the segments of a marker."""
    whole = jpeg(picture())
    while (start := whole.find(marker)) > 0:
        whole = whole[:start] + whole[start + 2 + int.from_bytes(whole[start + 2 : start + 4], "big") :]
    return whole


def exif(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """EXIF of one directory: tag, type, count and value of each entry, and where the next directory lies."""
    listed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + listed + struct.pack("<I", following)


def mpo(count: int, offset: int) -> bytes:
    """A JPEG that says where further pictures lie: `count` of them, each at the same place."""
    listed = struct.pack("<H", 3) + struct.pack("<HHI4s", 0xB000, 7, 4, b"0100")
    listed += struct.pack("<HHII", 0xB001, 4, 1, count) + struct.pack(
        "<HHII", 0xB002, 7, min(16 * count, 0xFFFFFFFF), 50
    )
    entries = b"".join(struct.pack("<IIIHH", 0x20000, 100, offset, 0, 0) for _ in range(min(count, 3000)))
    return with_segment(0xE2, b"MPF\0II*\0\x08\0\0\0" + listed + struct.pack("<I", 0) + entries)


def profile(change: Callable[[bytearray], None]) -> bytes:
    """A photograph with a colour profile that is not as it should be."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    change(content)
    return jpeg(picture(), icc_profile=bytes(content))


def _many_tags(content: bytearray) -> None:
    content[128:132] = b"\xff\xff\xff\xff"


def _endless_tags(content: bytearray) -> None:
    for entry in range(132, 132 + 12 * 5, 12):
        content[entry + 4 : entry + 12] = struct.pack(">II", 128, 0xFFFFFFF0)


def _grown(content: bytearray) -> None:
    content[0:4] = b"\x7f\xff\xff\xff"
    content += bytes(60_000)


def nested(depth: int) -> bytes:
    """A DICOM file of sequences within sequences, none of which has a length or an end."""
    one = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    return dicom()[:132] + _meta() + one * depth


def _meta() -> bytes:
    uid = b"1.2.840.10008.1.2.1\0"
    return struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid


def deflated_bomb() -> bytes:
    """A DICOM file that unpacks to 100 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    uid = str(DeflatedExplicitVRLittleEndian).encode()
    uid += b"\0" * (len(uid) % 2)
    return bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid + packed


def false_length() -> bytes:
    return bytes(128) + b"DICM" + _meta() + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, 0xFFFFFFFE) + bytes(64)


def frame(content: bytes, syntax: str, **elements: object) -> bytes:
    """A DICOM file with a packed frame."""
    said = {"Rows": SMALL[1], "Columns": SMALL[0], "PhotometricInterpretation": "RGB", **elements}
    return dicom_of_frames(content, syntax=syntax, **said)


def jpeg_2000_of(width: int, height: int, tile: int) -> bytes:
    """A JPEG 2000 code stream that claims a size, and tiles of another."""
    whole = saved(picture(), "JPEG2000", no_jp2=True)
    sizes = struct.pack(">IIIIIIII", width, height, 0, 0, tile, tile, 0, 0)
    return whole[:8] + sizes + whole[8 + len(sizes) :]


BOMBS: MappingProxyType[str, Callable[[], bytes]] = MappingProxyType(
    {
        # bombs
        "an interlaced PNG of 9 megapixels in some kilobytes": lambda: interlaced(3000, 3000),
        "a PNG whose pixels unpack to much more than they should": lambda: png_of(header(*SMALL), zeros(100 << 20)),
        "a PNG with a text that unpacks to 100 MB": lambda: with_chunk(b"iTXt", b"c\0\1\0\0\0" + zeros(100 << 20)),
        "a PNG with 60,000 texts": lambda: png(picture())[:33] + chunk(b"tEXt", b"a\0b") * 60_000 + png(picture())[33:],
        "a PNG with 100,000 empty pieces of pixels": lambda: (
            png(picture())[:33] + chunk(b"IDAT", b"") * 100_000 + png(picture())[33:]
        ),
        "a PNG that claims a billion frames": lambda: with_chunk(b"acTL", struct.pack(">II", 1 << 30, 0)),
        "a PNG of 60 frames": lambda: several("PNG", ((64, 64),) * 60),
        "a JPEG with 4,000 comments": lambda: _commented(4000),
        "a JPEG with a restart after each block": lambda: with_segment(0xDD, b"\0\1"),
        # sizes that can't be
        "a PNG of no width": lambda: png_of(header(0, 80), b""),
        "a PNG of no size": lambda: png_of(header(0, 0), b""),
        "a PNG of negative size": lambda: png_of(header(0x80000001, 0xFFFFFFFF), zeros(1 << 20)),
        "a PNG of 1 by 65,535": lambda: png_of(header(1, 65_535), zeros(1 << 20)),
        "a JPEG of 1 by 65,535": lambda: jpeg_with(5, ">HH", 65_535, 1),
        "a JPEG of no size": lambda: jpeg_with(5, ">HH", 0, 0),
        "a JPEG that claims 4,000 by 4,000": lambda: jpeg_with(5, ">HH", 4000, 4000),
        # headers that lie
        "a palette of 300 colours": lambda: png_of(
            header(*SMALL, colour=3), zeros(1 << 20), chunk(b"PLTE", bytes(900))
        ),
        "no palette where there should be one": lambda: png_of(header(*SMALL, colour=3), zeros(1 << 20)),
        "transparency of a megabyte": lambda: with_chunk(b"tRNS", bytes(1 << 20)),
        "a chunk of negative length": lambda: png(picture())[:33] + b"\xff\xff\xff\xffIDAT" + bytes(100),
        "a JPEG of no components": lambda: jpeg_with(9, ">B", 0),
        "a JPEG of 255 components": lambda: jpeg_with(9, ">B", 255),
        "a JPEG sampled by nothing": lambda: jpeg_with(11, ">B", 0),
        "a JPEG sampled four by four": lambda: jpeg_with(11, ">B", 0x44),
        "a JPEG of twelve bits": lambda: jpeg_with(4, ">B", 12),
        "a JPEG of two frames": lambda: with_segment(
            0xC0, jpeg(picture())[jpeg(picture()).index(START_OF_FRAME) + 4 :][:15]
        ),
        "a JPEG that says it is arithmetic": lambda: jpeg_with(0, ">BB", 0xFF, 0xC9),
        "a JPEG that says it is lossless": lambda: jpeg_with(0, ">BB", 0xFF, 0xC3),
        "a JPEG without tables to unpack by": lambda: without(b"\xff\xc4"),
        "a JPEG without tables of steps": lambda: without(b"\xff\xdb"),
        "a JPEG with a table beyond its end": lambda: with_segment(0xC4, b"\0" + b"\xff" * 16 + bytes(100)),
        # loops
        "EXIF that comes back to itself": lambda: with_segment(0xE1, exif((0x0112, 3, 1, 6), following=8)),
        "EXIF whose parts are each other": lambda: with_segment(0xE1, exif((0x8769, 4, 1, 8), (0x8825, 4, 1, 8))),
        "EXIF of four billion numbers": lambda: with_segment(0xE1, exif((0x0112, 12, 0xFFFFFFFF, 8))),
        "EXIF beyond its end": lambda: with_segment(0xE1, exif((0x010E, 2, 60_000, 0xFFFFFF00))),
        "pictures that lie within themselves": lambda: mpo(3, 0),
        "3,000 further pictures at one place": lambda: mpo(3000, 4),
        "four billion further pictures": lambda: mpo(0xFFFFFFFF, 0x7FFFFFFF),
        # colour profiles
        "a colour profile of four billion tags": lambda: profile(_many_tags),
        "a colour profile whose tags don't end": lambda: profile(_endless_tags),
        "a colour profile that claims two gigabytes": lambda: profile(_grown),
        # two kinds in one
        "a JPEG that is a web page": lambda: with_segment(0xFE, b"--><html>" + SCRIPT),
        "a JPEG with a program behind it": lambda: jpeg(picture()) + b"<?php system($_GET['c']);" + SCRIPT,
        "a JPEG with an archive behind it": lambda: jpeg(picture()) + zipped(),
        "a PNG with an archive behind it": lambda: png(picture()) + zipped(),
        "a PNG with a script in its texts": lambda: with_chunk(b"tEXt", b"Comment\0" + SCRIPT),
        "a GIF that is a script": lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)",
        "a PDF with a photograph in it": lambda: b"%PDF-1.7\n" + jpeg(picture()),
        "a DICOM file that begins as a web page": lambda: b"<html>".ljust(128, b" ") + dicom()[128:],
        "a DICOM file that begins as a photograph": lambda: jpeg(picture())[:128] + dicom()[128:],
        # what is not read here, by whatever it may hold
        "a TIFF of two billion pixels a side": lambda: (
            b"II*\0\x08\0\0\0\2\0" + struct.pack("<HHII", 256, 4, 1, 0x7FFFFFFF)
        ),
        "an animated WebP": lambda: several("WEBP"),
        "XML that says everything a billion times": lambda: (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'
        ),
        "a packed SVG": lambda: gzip.compress(b"<svg/>"),
        "a web page in UTF-16": lambda: "<html><script>".encode("utf-16"),
        "PostScript": lambda: b"%!PS\n{ (x) show } loop",
        # DICOM
        "a DICOM file that unpacks to 100 MB": deflated_bomb,
        "sequences 10,000 deep": lambda: nested(10_000),
        "an element of four gigabytes": false_length,
        "65,535 by 65,535 pixels": lambda: dicom(Rows=65_535, Columns=65_535),
        "99,999,999 pictures": lambda: dicom(NumberOfFrames="99999999"),
        "no rows": lambda: dicom(Rows=0),
        "segments beyond the end": lambda: frame(struct.pack("<16I", 3, *(0xFFFFFFF0,) * 15), RLELossless),
        "sixteen segments": lambda: frame(struct.pack("<16I", 16, *range(15)), RLELossless),
        "a frame of another size": lambda: frame(jpeg(picture((200, 200))), JPEGBaseline8Bit),
        "a frame that is no picture": lambda: frame(b"\xff\xd8\xff" + bytes(100), JPEGBaseline8Bit),
        "a JPEG 2000 of billions of tiles": lambda: frame(jpeg_2000_of(*SMALL, 1), JPEG2000Lossless),
        "a JPEG 2000 that claims too much": lambda: frame(jpeg_2000_of(0x7FFFFFFF, 0x7FFFFFFF, 64), JPEG2000Lossless),
        "a JPEG-LS that claims too much": lambda: frame(
            b"\xff\xd8\xff\xf7\0\x11\x08\xff\xff\xff\xff\3\1\x11\0\2\x11\0\3\x11\0" + bytes(50), JPEGLSLossless
        ),
    }
)


def _commented(count: int) -> bytes:
    whole = jpeg(picture())
    return whole[:2] + (b"\xff\xfe\x10\x00" + bytes(4094)) * count + whole[2:]


SOUND = MappingProxyType(
    {
        "JPEG": lambda: jpeg(picture()),
        "progressive JPEG": lambda: jpeg(picture(), progressive=True),
        "PNG": lambda: png(picture((80, 70))),
        "DICOM": lambda: frame(jpeg(picture()), JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422"),
        "grey": lambda: png(Image.new("L", (64, 64), 90)),
    }
)
