"""Take photographs out of a zip file that nobody vouches for: limits are held by counting, never by its headers."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, cast

from app.decoding.limits import MEGABYTE, NOTHING_KEPT, ZipLimits
from app.decoding.names import beside_the_point, folded, shown
from app.errors import RefusedUploadError

PIECE = 64 * 1024  # bytes that are unpacked at a time
LOCAL_HEADER = 30  # bytes, without the name
TAIL = 2 * (64 * 1024 + 22)  # bytes: where the end of the directory may lie, read twice at most
PER_ENTRY = 1024  # bytes of the directory that an honest entry may take, its name and dates included
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: password, strong encryption, hidden directory (APPNOTE 4.4.4)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SMALL = MEGABYTE  # bytes up to which no ratio is asked for: text shrinks well
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
OFFICE = "[content_types].xml"  # names a Word, Excel or PowerPoint file, which are zip files, too
BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError, UnicodeError,
)  # fmt: skip

DAMAGED = f"The zip file is damaged, or its headers contradict its content. {NOTHING_KEPT}"
PASSWORD = f"The zip file is locked with a password; please make one without. {NOTHING_KEPT}"
PACKED = f"The zip file is packed in a way that is not read here; please make an ordinary one. {NOTHING_KEPT}"
OVERLAPPING = f"Files in the zip file overlap, as they do in zip files that are made to do harm. {NOTHING_KEPT}"
OUTSIDE = f"A file in the zip file points outside of it. {NOTHING_KEPT}"
LINKS = f"The zip file holds links or devices instead of files. {NOTHING_KEPT}"
TWICE = f"The zip file holds two files of the same name. {NOTHING_KEPT}"
NESTED = f"The zip file holds another archive; please unpack that first. {NOTHING_KEPT}"
A_DOCUMENT = "This is an office document, not a zip file of photographs."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file of a zip file, and the name that it goes by there."""

    path: str
    content: bytes


def unpack(file: IO[bytes], limits: ZipLimits) -> Iterator[Unpacked]:
    """Yield the files of a zip file, one at a time in memory; RefusedUploadError if it is damaged or made to do harm.

    It may be raised after files have been yielded: whoever keeps them must let go of them again.
    """
    bounded = _Bounded(file, TAIL + PER_ENTRY * limits.entries, limits.too_many)
    try:
        with zipfile.ZipFile(cast(IO[bytes], bounded)) as archive:
            entries = _judged(archive.infolist(), archive.start_dir, limits)
            bounded.release()
            left = limits.megabytes * MEGABYTE
            for entry in entries:
                content = _read(archive, entry, min(left, limits.single_megabytes * MEGABYTE), limits)
                left -= len(content)
                yield Unpacked(entry.filename, content)
    except BROKEN as error:
        raise RefusedUploadError(DAMAGED) from error


def _judged(entries: Sequence[zipfile.ZipInfo], end: int, limits: ZipLimits) -> list[zipfile.ZipInfo]:
    """Refuse what can be seen from the directory; return the entries that are files of people."""
    if len(entries) > limits.entries:
        raise RefusedUploadError(limits.too_many)
    _refuse_overlapping(entries, end)
    for entry in entries:
        _refuse_strange(entry)
    files = [entry for entry in entries if not entry.is_dir() and not beside_the_point(entry.filename)]
    names = {folded(entry.filename) for entry in files}
    if OFFICE in names:
        raise RefusedUploadError(A_DOCUMENT)
    if len(names) < len(files):
        raise RefusedUploadError(TWICE)
    return files


def _refuse_overlapping(entries: Sequence[zipfile.ZipInfo], end: int) -> None:
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [*(entry.header_offset for entry in ordered[1:]), end]
    for entry, following in zip(ordered, starts, strict=True) if ordered else ():
        if entry.header_offset < 0 or entry.header_offset + LOCAL_HEADER + entry.compress_size > following:
            raise RefusedUploadError(OVERLAPPING)


def _refuse_strange(entry: zipfile.ZipInfo) -> None:
    name, mode = entry.orig_filename, entry.external_attr >> 16
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or ".." in parts or parts[0] == "" or parts[0].endswith(":"):
        raise RefusedUploadError(OUTSIDE)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedUploadError(LINKS)
    if entry.flag_bits & ENCRYPTED:
        raise RefusedUploadError(PASSWORD)
    if entry.compress_type not in METHODS:
        raise RefusedUploadError(PACKED)
    if shown(name).casefold().endswith((".zip", ".rar", ".7z")):
        raise RefusedUploadError(NESTED)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, limits: ZipLimits) -> bytes:
    """Unpack one entry and count; its headers said how long it is, and must have told the truth."""
    densest = max(SMALL, limits.ratio * entry.compress_size)
    content = bytearray()
    with archive.open(entry) as file:
        while piece := file.read(PIECE):
            content += piece
            if len(content) > most:
                single = most == limits.single_megabytes * MEGABYTE
                raise RefusedUploadError(limits.one_too_large if single else limits.too_large)
            if len(content) > densest:
                raise RefusedUploadError(limits.too_dense)
    if len(content) != entry.file_size:
        raise RefusedUploadError(DAMAGED)
    if content.startswith(ARCHIVES):
        raise RefusedUploadError(NESTED)
    return bytes(content)


class _Bounded:
    """A file of which only so many bytes may be read until it is released: a directory can't fill the memory."""

    def __init__(self, file: IO[bytes], budget: int, sentence: str) -> None:
        self._file, self._sentence = file, sentence
        self._budget: int | None = budget
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read; RefusedUploadError if that is more than what may be read."""
        if self._budget is None:
            return self._file.read(size)
        if size > self._budget:
            raise RefusedUploadError(self._sentence)
        content = self._file.read(size if size >= 0 else self._budget)
        self._budget -= len(content)
        return content

    def release(self) -> None:
        """Let everything be read."""
        self._budget = None
