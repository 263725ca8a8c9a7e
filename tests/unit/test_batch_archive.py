from __future__ import annotations

import contextlib
import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.decoding.inside import archive
from app.decoding.inside.archive import unpack
from app.decoding.limits import ZipLimits
from app.errors import RefusedUploadError
from tests.pictures import lesion_picture, png

PICTURE = png(lesion_picture(size=(64, 64)))
LIMITS = ZipLimits(entries=20, single_megabytes=1, megabytes=2, ratio=50)
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, content in files:
            target.writestr(name, content, method)
    return file.getvalue()


def link() -> bytes:
    entry = zipfile.ZipInfo("a.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((entry, b"/etc/passwd"))


def patched(content: bytes, at: int, fmt: str, value: int) -> bytes:
    """Change a field of the first entry in the directory."""
    start = content.index(CENTRAL) + at
    return content[:start] + struct.pack(fmt, value) + content[start + struct.calcsize(fmt) :]


def renamed(old: bytes, new: bytes) -> bytes:
    return packed((old.decode(), PICTURE)).replace(old, new)


def overlapping() -> bytes:
    """Two entries of the directory that share one file."""
    content = packed(("a.png", PICTURE), ("b.png", PICTURE))
    second = content.index(CENTRAL, content.index(CENTRAL) + 4) + 42
    return content[:second] + struct.pack("<I", 0) + content[second + 4 :]


def with_a_huge_directory() -> bytes:
    """A directory of a million entries: 46 bytes each, without a name."""
    entry = CENTRAL + bytes(42)
    entries = entry * 100_000
    return b"PK\x03\x04" + bytes(26) + entries + END + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(entries), 30, 0)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "too many files": (lambda: packed(*((f"{n}.png", b"x") for n in range(21))), LIMITS.too_many),
    "a huge directory": (with_a_huge_directory, LIMITS.too_many),
    "one file too large": (
        lambda: packed(("a.png", bytes(1 << 20) + b"a"), method=zipfile.ZIP_STORED),
        LIMITS.one_too_large,
    ),
    "too large together": (
        lambda: packed(*((f"{n}.png", bytes(900_000)) for n in range(3)), method=zipfile.ZIP_STORED),
        LIMITS.too_large,
    ),
    "another archive": (lambda: packed(("a.png", packed(("b", b"b")))), archive.NESTED),
    "another archive, by name": (lambda: packed(("a.ZIP", b"b")), archive.NESTED),
    "a link": (link, archive.LINKS),
    "a step upwards": (lambda: packed(("../../a.png", PICTURE)), archive.OUTSIDE),
    "a step upwards, in the way of Windows": (lambda: renamed(b"xxxa.png", b"..\\a.png"), archive.OUTSIDE),
    "an absolute path": (lambda: packed(("/etc/a.png", PICTURE)), archive.OUTSIDE),
    "a drive": (lambda: packed(("C:/a.png", PICTURE)), archive.OUTSIDE),
    "a name that ends early": (lambda: renamed(b"a.png", b"a\0png"), archive.OUTSIDE),
    "two of one name": (lambda: packed(("A.png", PICTURE), ("a.PNG", PICTURE)), archive.TWICE),
    "a password": (lambda: patched(packed(("a.png", PICTURE)), 8, "<H", 1), archive.PASSWORD),
    "a rare method": (lambda: packed(("a.png", PICTURE), method=zipfile.ZIP_LZMA), archive.PACKED),
    "overlapping files": (overlapping, archive.OVERLAPPING),
    "a length that lies low": (lambda: patched(packed(("a.png", PICTURE)), 24, "<I", 100), archive.DAMAGED),
    "a length that lies high": (lambda: patched(packed(("a.png", PICTURE)), 24, "<I", 1 << 30), archive.DAMAGED),
    "a packed length that lies": (lambda: patched(packed(("a.png", PICTURE)), 20, "<I", 10), archive.DAMAGED),
    "a wrong checksum": (lambda: patched(packed(("a.png", PICTURE)), 16, "<I", 1), archive.DAMAGED),
    "no directory": (lambda: packed(("a.png", PICTURE))[:-40], archive.DAMAGED),
    "half of it": (lambda: packed(("a.png", PICTURE * 30))[:500], archive.DAMAGED),
    "a workbook": (lambda: packed(("[Content_Types].xml", b"<x/>")), archive.A_DOCUMENT),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip_file_is_refused_with_a_sentence(kind: str) -> None:
    make, sentence = HOSTILE[kind]

    with pytest.raises(RefusedUploadError) as refused:
        list(unpack(io.BytesIO(make()), LIMITS))

    assert refused.value.message == sentence


def test_what_unpacks_to_many_times_its_size_is_refused_early_and_in_little_memory() -> None:
    limits = ZipLimits(entries=20, single_megabytes=200, megabytes=200, ratio=50)
    bomb = io.BytesIO(packed(("a.png", bytes(100 << 20))))

    tracemalloc.start()
    with pytest.raises(RefusedUploadError) as refused:
        list(unpack(bomb, limits))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refused.value.message == limits.too_dense
    assert peak < 20 << 20


def test_a_huge_directory_is_never_read() -> None:
    file = io.BytesIO(with_a_huge_directory())

    tracemalloc.start()
    with pytest.raises(RefusedUploadError):
        list(unpack(file, LIMITS))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2 << 20


def test_the_files_of_people_come_out_whole_with_their_names() -> None:
    names = ("clinic/", "clinic/1.png", "clinic/ü.png", "__MACOSX/._1.png", ".DS_Store", "clinic/Thumbs.db")
    content = packed(*((name, PICTURE) for name in names))

    found = [(file.path, file.content) for file in unpack(io.BytesIO(content), LIMITS)]

    assert found == [("clinic/1.png", PICTURE), ("clinic/ü.png", PICTURE)]


SOUND = packed(("a.png", PICTURE), ("b/c.png", PICTURE[::-1]), ("d.txt", b"text " * 400))


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_whatever_is_changed_in_a_zip_file_it_is_read_within_the_limits_or_refused(
    changes: list[tuple[int, int]],
) -> None:
    content = bytearray(SOUND)
    for at, value in changes:
        content[at] = value

    with contextlib.suppress(RefusedUploadError):
        found = list(unpack(io.BytesIO(bytes(content)), LIMITS))
        assert sum(len(file.content) for file in found) <= 2 << 20


@given(st.integers(-60, -1), st.binary(min_size=1, max_size=8))
def test_whatever_is_changed_at_its_end_too(at: int, other: bytes) -> None:
    start = len(SOUND) + at

    with contextlib.suppress(RefusedUploadError):
        found = list(unpack(io.BytesIO(SOUND[:start] + other + SOUND[start + len(other) :]), LIMITS))
        assert len(found) <= LIMITS.entries
