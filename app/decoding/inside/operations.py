"""What may be asked of a process that decodes; each answers in parts, words and bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import IO, Any, NamedTuple

from PIL import Image

from app.decoding.inside.archive import unpack
from app.decoding.inside.cells import lines_of
from app.decoding.inside.photographs import opened_dicom, photograph
from app.decoding.inside.previews import previews_of
from app.decoding.limits import LONGEST_CELL, Limits, ZipLimits


class Part(NamedTuple):
    """A part of an answer."""

    words: dict[str, Any]
    content: bytes = b""


Operation = Callable[[Mapping[str, Any], bytes, IO[bytes]], Iterator[Part]]


def _photograph(asked: Mapping[str, Any], content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Decode the photograph of a file."""
    image = photograph(content, Limits(*asked["limits"]), asked["index"], confirmed=asked["confirmed"])
    yield _pixels(image)


def _facts(asked: Mapping[str, Any], content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Say what a DICOM file says, and how many pictures it has."""
    opened = opened_dicom(content, Limits(*asked["limits"]))
    facts = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in _said(opened)}
    yield Part({"pictures": opened.picture.frames, "facts": facts})


def _said(opened: Any) -> Iterator[tuple[str, Any]]:
    yield from asdict(opened.facts()).items()


def _previews(asked: Mapping[str, Any], content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Decode the pictures of a DICOM file in small."""
    limits = Limits(*asked["limits"])
    for image in previews_of(opened_dicom(content, limits), limits):
        yield _pixels(image)


def _pixels_alone(asked: Mapping[str, Any], content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Leave of a DICOM file its pixels; where nobody has looked at it, refuse what somebody has to look at."""
    opened = opened_dicom(content, Limits(*asked["limits"]))
    if not asked["confirmed"]:
        opened.require_single()
        opened.require_discreet()
    yield Part({}, opened.pixels_alone())


def _lines(asked: Mapping[str, Any], content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Read the lines of a CSV file."""
    for number, cells in lines_of(content, asked["lines"], asked["cells"]):
        yield Part({}, json.dumps([number, [cell[:LONGEST_CELL] for cell in cells]], ensure_ascii=False).encode())


def _unpacked(asked: Mapping[str, Any], _content: bytes, lent: IO[bytes]) -> Iterator[Part]:
    """Unpack a zip file."""
    for file in unpack(lent, ZipLimits(*asked["limits"])):
        yield Part({"path": file.path}, file.content)


def _pixels(image: Image.Image) -> Part:
    return Part({"size": list(image.size)}, image.tobytes())


OPERATIONS: Mapping[str, Operation] = {
    "photograph": _photograph,
    "facts": _facts,
    "previews": _previews,
    "pixels alone": _pixels_alone,
    "lines": _lines,
    "unpack": _unpacked,
}
