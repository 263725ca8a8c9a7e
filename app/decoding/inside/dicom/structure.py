"""Walk through a DICOM file without building anything of it: where its elements lie (PS3.5, section 7; PS3.10).

Only what is asked for is handed to a library afterwards. However many elements a file has, however deep its sequences
are, and whatever lengths it claims: the walk is bounded, and ends in a sentence.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.decoding.formats import MAGIC, PREAMBLE
from app.decoding.inside.dicom.syntaxes import DEFLATED, SYNTAXES, Syntax, unreadable
from app.decoding.limits import UNPACKED, Limits
from app.errors import RefusedUploadError

META_GROUP = 0x0002
TRANSFER_SYNTAX = 0x0002_0010
ITEM, ITEM_END, SEQUENCE_END = 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD
UNDEFINED = 0xFFFF_FFFF
LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
MOST_ELEMENTS = 50_000  # an honest file has some hundreds
DEEPEST = 32  # sequences within each other

DAMAGED = "The DICOM file is damaged or incomplete; please export it again."
HOSTILE = "The DICOM file is built in a way that no camera's software would; please export it again."


class Encoding(NamedTuple):
    """Whether elements name their type, and the byte order as `struct` writes it."""

    explicit: bool
    order: str


class Element(NamedTuple):
    """One element of a data set: its tag, and where it, and its value, lie."""

    tag: int
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class DicomFile:
    """The elements of a file's outermost level by tag; nothing is read of them yet."""

    syntax: Syntax
    encoding: Encoding
    body: bytes
    elements: Mapping[int, Element]

    def raw(self, tag: int) -> bytes | None:
        """Return an element's value as it is written; None if there is none."""
        element = self.elements.get(tag)
        return None if element is None else self.body[element.value : element.end]

    def whole(self, tag: int) -> bytes:
        """Return an element with its header; nothing if there is none."""
        element = self.elements.get(tag)
        return b"" if element is None else self.body[element.start : element.end]


def opened(content: bytes, limits: Limits) -> DicomFile:
    """Walk through a file that `is_dicom`; RefusedUploadError if it is damaged, or can't be read here."""
    try:
        syntax, start = _meta(content)
        body = content
        if syntax.uid == DEFLATED:
            body, start = _unpacked(content[start:], UNPACKED * limits.bytes), 0
        encoding = Encoding(_names_types(body, start), syntax.order)
        elements: dict[int, Element] = {}
        for element in _Walk(body, encoding).elements(start):
            elements.setdefault(element.tag, element)
    except (struct.error, zlib.error) as error:
        raise RefusedUploadError(DAMAGED) from error
    return DicomFile(syntax, encoding, body, elements)


def _meta(content: bytes) -> tuple[Syntax, int]:
    """Return how the data set is encoded, and where it begins."""
    walk, position, uid = _Walk(content, Encoding(explicit=True, order="<")), PREAMBLE + len(MAGIC), b""
    while int.from_bytes(content[position : position + 2], "little") == META_GROUP:
        element = walk.element(position)
        if element.tag == TRANSFER_SYNTAX:
            uid = content[element.value : element.end]
        position = element.end
    name = uid.rstrip(b"\0 ").decode("ascii", "replace")
    if not name:
        raise RefusedUploadError(DAMAGED)
    if name not in SYNTAXES:
        raise RefusedUploadError(unreadable(name))
    return SYNTAXES[name], position


def _names_types(body: bytes, start: int) -> bool:
    """Tell whether elements name their types: some writers say that they do and don't, or the other way round."""
    kind = body[start + 4 : start + 6]
    return kind.isalpha() and kind.isupper()


def _unpacked(packed: bytes, most: int) -> bytes:
    """Inflate a data set, but no more of it than may be."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    body = unpacker.decompress(packed, most)
    if unpacker.unconsumed_tail:
        raise RefusedUploadError(HOSTILE)
    if not unpacker.eof:
        raise RefusedUploadError(DAMAGED)
    return body


class _Walk:
    """A walk through one data set; struct.error where it breaks off within a header."""

    def __init__(self, content: bytes, encoding: Encoding) -> None:
        self._content, self._encoding = content, encoding
        self._left = MOST_ELEMENTS

    def elements(self, position: int) -> Iterator[Element]:
        """Yield the elements of the outermost level."""
        while position < len(self._content):
            element = self.element(position)
            yield element
            position = element.end

    def element(self, position: int) -> Element:
        """Return the element that begins here."""
        tag, value, length, nested = self._header(position, explicit=self._encoding.explicit)
        end = self._past_items(value, explicit=nested) if length == UNDEFINED else self._within(value + length)
        return Element(tag, position, value, end)

    def _header(self, position: int, *, explicit: bool) -> tuple[int, int, int, bool]:
        """Return tag, where the value begins, its length, and whether elements within it name their types."""
        self._left -= 1
        if self._left < 0:
            raise RefusedUploadError(HOSTILE)
        order, content = self._encoding.order, self._content
        group, number = struct.unpack_from(f"{order}HH", content, position)
        tag = group << 16 | number
        if not explicit or group == ITEM >> 16:
            return tag, position + 8, struct.unpack_from(f"{order}I", content, position + 4)[0], explicit
        kind = content[position + 4 : position + 6]
        if not (kind.isalpha() and kind.isupper()):
            raise RefusedUploadError(DAMAGED)
        if kind in LONG:
            return tag, position + 12, struct.unpack_from(f"{order}I", content, position + 8)[0], kind != b"UN"
        return tag, position + 8, struct.unpack_from(f"{order}H", content, position + 6)[0], explicit

    def _past_items(self, position: int, *, explicit: bool) -> int:
        """Return the end of a sequence, or of fragments, without a length: where its last delimiter ends."""
        open_ends = [(SEQUENCE_END, explicit)]  # the delimiters that are still to come, the innermost last
        while open_ends:
            awaited, explicit = open_ends[-1]
            tag, position, length, nested = self._header(position, explicit=explicit)
            if tag == awaited:
                open_ends.pop()
            elif (tag == ITEM) != (awaited == SEQUENCE_END):
                raise RefusedUploadError(DAMAGED)
            elif length == UNDEFINED:
                open_ends.append((ITEM_END if tag == ITEM else SEQUENCE_END, nested))
            else:
                position = self._within(position + length)
            if len(open_ends) > 2 * DEEPEST:
                raise RefusedUploadError(HOSTILE)
        return position

    def _within(self, end: int) -> int:
        if end > len(self._content):
            raise RefusedUploadError(DAMAGED)
        return end
