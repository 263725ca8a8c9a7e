"""What is fuzzed: each takes any bytes, and may do nothing but return or refuse."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.decoding import reading
from app.decoding.asking import UnreadFileError
from app.decoding.inside import jpeg, png
from app.decoding.inside.archive import unpack
from app.decoding.inside.cells import lines_of
from app.decoding.inside.dicom import rle
from app.decoding.inside.dicom.structure import opened
from app.decoding.inside.photographs import opened_dicom, photograph
from app.decoding.limits import Limits, ZipLimits
from app.decoding.messages import MessageError, read
from app.errors import RefusedUploadError
from tests import dicoms, hostile
from tests.pictures import jpeg as as_jpeg
from tests.pictures import png as as_png

LIMITS = Limits(megabytes=1, megapixels=1)
ZIP_LIMITS = ZipLimits(entries=20, single_megabytes=1, megabytes=2)
DICOM = bytes(128) + b"DICM"


class Target(NamedTuple):
    """A reader, the errors by which it refuses, and files to begin with."""

    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Iterator[bytes]]


def _photographs() -> Iterator[bytes]:
    picture = hostile.picture((64, 64))
    for progressive in (False, True):
        yield as_jpeg(picture, progressive=progressive)
    for mode in ("RGB", "P", "LA", "1", "I;16"):
        yield as_png(picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode))
    yield hostile.several("MPO", ((128, 128), (64, 64)))
    yield hostile.several("PNG", ((64, 64), (64, 64)))
    for make, _ in hostile.REFUSED.values():
        if len(content := make()) < 20_000:
            yield content


def _dicoms() -> Iterator[bytes]:
    for syntax in dicoms.LOSSLESS:
        yield dicoms.dicom(hostile.picture((64, 64)), syntax, **dicoms.INGRID)
    yield dicoms.baseline(hostile.picture((64, 64)), hostile.picture((64, 64)))
    yield dicoms.dicom(AnatomicRegionSequence=dicoms.region("66643007", "SCT", "Skin of back"), **dicoms.INGRID)


def _archives() -> Iterator[bytes]:
    from tests.unit.test_batch_archive import HOSTILE, PICTURE, packed

    yield packed(("a.png", PICTURE), ("b/c.png", b"c"))
    for make, _ in HOSTILE.values():
        if len(content := make()) < 20_000:
            yield content


def _sheets() -> Iterator[bytes]:
    text = 'file name;patient;age\n"a.png";Ingrid;54\n"b\n.png";=1+1;\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        yield text.encode(encoding)
    yield b"a,b\n" * 40


def _messages() -> Iterator[bytes]:
    from app.decoding.messages import written

    yield written({"size": [64, 64]}, 12288) + bytes(12288)
    yield written({"pictures": 1, "facts": {"name": "Ingrid", "born": "1970-06-12", "age": 54, "other_names": ["a"]}})
    yield written({"path": "a/b.png"}, 3) + b"abc"
    yield written({"refused": "The file is damaged."})


def _read_photograph(content: bytes) -> None:
    assert photograph(content, LIMITS, 0, confirmed=True).mode == "RGB"


def _read_dicom(content: bytes) -> None:
    file = opened_dicom(content, LIMITS)
    file.facts()
    file.pixels_alone()
    assert photograph(content, LIMITS, 0, confirmed=True).mode == "RGB"


def _read_archive(content: bytes) -> None:
    files = list(unpack(io.BytesIO(content), ZIP_LIMITS))
    assert sum(len(file.content) for file in files) <= 2 << 20


def _read_sheet(content: bytes) -> None:
    lines = lines_of(content, 50, 20)
    assert len(lines) <= 50
    assert all(len(cells) <= 20 for _, cells in lines)


def _read_message(content: bytes) -> None:
    stream = io.BytesIO(content)

    def exactly(count: int) -> bytes:
        found = stream.read(count)
        if len(found) < count:
            raise EOFError
        return found

    message = read(exactly, 1 << 16)
    for judge in (lambda: reading._image(message, 64, 2048), lambda: reading._facts(message.words.get("facts"))):
        try:
            judge()
        except UnreadFileError:
            continue


def _walk(content: bytes) -> None:
    """Walk through structures: bytes that begin as nothing are tried as each."""
    for walk in (
        lambda: jpeg.scans(content),
        lambda: jpeg.header(content),
        lambda: png.is_complete(content),
        lambda: rle.planes(content, 3, 4096),
        lambda: opened(content if content.startswith(DICOM) else DICOM + content, LIMITS),
    ):
        try:
            walk()
        except (struct.error, zlib.error, KeyError, ValueError, RefusedUploadError):
            continue


TARGETS = {
    "photographs": Target(_read_photograph, (RefusedUploadError,), _photographs),
    "dicom": Target(_read_dicom, (RefusedUploadError,), _dicoms),
    "archives": Target(_read_archive, (RefusedUploadError,), _archives),
    "sheets": Target(_read_sheet, (RefusedUploadError,), _sheets),
    "messages": Target(_read_message, (MessageError, EOFError), _messages),
    "walks": Target(_walk, (), lambda: iter([*_photographs(), *_dicoms()])),
}
