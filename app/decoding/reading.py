"""Read files from outside, each in a process of its own, and judge what that process answers.

Pixels come as plain RGB, which harms nobody whatever they show; all that is served later is encoded here. Texts are
checked for their length and for what can't be seen; what is not as it can be ends in the same sentence as a crash.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, astuple, dataclass
from functools import lru_cache
from typing import IO, Any

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from app.decoding.asking import STOPPED, Asked, UnreadFileError, parts
from app.decoding.facts import LONGEST_NAME, DicomFacts
from app.decoding.formats import is_dicom
from app.decoding.limits import MEGABYTE, SHORTEST_SIDE, UNPACKED, Limits, ZipLimits
from app.decoding.messages import Message, MessageError, parsed
from app.decoding.orders import DICOM, PHOTOGRAPHS
from app.decoding.previews import MOST_PICTURES, side_of
from app.visible import is_visible

LONGEST_SIDE = 2048  # pixels of a photograph that is kept
CHANNELS = 3
MOST_NAMES = 3  # of a patient, in other scripts
LONGEST_PATH = 1 << 16  # bytes of a name in a zip file
PROCESSOR = 40  # times as long as one file may take: what a zip file of many may
LARGEST_SHEET = 16 * MEGABYTE  # bytes of a spreadsheet's lines, as they are answered
LARGEST_LINE = 2 * MEGABYTE
LONGEST_TEXT = 2 * LONGEST_NAME  # characters of what a DICOM file says: the device has two texts


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file of a zip file, and the name that it goes by there."""

    path: str
    content: bytes


def photograph(content: bytes, limits: Limits, index: int | None = None, *, confirmed: bool = False) -> Image.Image:
    """Return the photograph of a file, upright RGB of at most 2,048 px a side; RefusedUploadError, and as `parts` has.

    `index` and `confirmed` are as a DICOM file needs them: which of its pictures, and that somebody has looked at it.
    """
    words = {"do": "photograph", "limits": astuple(limits), "index": index, "confirmed": confirmed}
    answer = _only(_asked(words, content, limits, CHANNELS * LONGEST_SIDE**2), _kind(content))
    return _image(answer, SHORTEST_SIDE, LONGEST_SIDE)


def facts(content: bytes, limits: Limits) -> tuple[DicomFacts, int]:
    """Return what a DICOM file says, and how many pictures it has."""
    answer = _only(_asked({"do": "facts", "limits": astuple(limits)}, content, limits, 0), DICOM)
    pictures = answer.words.get("pictures")
    if not isinstance(pictures, int) or pictures < 1:
        raise UnreadFileError(STOPPED)
    return _facts(answer.words.get("facts")), pictures


def previews(content: bytes, limits: Limits, pictures: int) -> list[Image.Image]:
    """Return the pictures of a DICOM file in small, as many as are decoded at a time."""
    asked = _asked({"do": "previews", "limits": astuple(limits)}, content, limits, CHANNELS * side_of(pictures) ** 2)
    found: list[Image.Image] = []
    with closing(parts(asked, DICOM)) as answers:
        for answer in answers:
            if len(found) == min(pictures, MOST_PICTURES):
                raise UnreadFileError(STOPPED)
            found.append(_image(answer, 1, side_of(pictures)))
    return found


def pixels_alone(content: bytes, limits: Limits, *, confirmed: bool) -> bytes:
    """Return a DICOM file of the pixels and what is needed to read them; not `confirmed`, of one discreet picture."""
    words = {"do": "pixels alone", "limits": astuple(limits), "confirmed": confirmed}
    pixels = bytes(_only(_asked(words, content, limits, UNPACKED * limits.bytes + MEGABYTE), DICOM).content)
    if not is_dicom(pixels):
        raise UnreadFileError(STOPPED)
    return pixels


def lines(content: bytes, limits: Limits, most_lines: int, most_cells: int) -> list[tuple[int, list[str]]]:
    """Return the lines of a CSV file that are not blank, with their numbers, no more of them than asked for."""
    words = {"do": "lines", "lines": most_lines, "cells": most_cells}
    found: list[tuple[int, list[str]]] = []
    left = LARGEST_SHEET
    with closing(parts(_asked(words, content, limits, LARGEST_LINE))) as answers:
        for answer in answers:
            left -= len(answer.content)
            if left < 0 or len(found) == most_lines:
                raise UnreadFileError(STOPPED)
            found.append(_line(answer.content, most_cells))
    return found


def unpacked(file: IO[bytes], limits: ZipLimits) -> Generator[Unpacked, None, None]:
    """Yield the files of a zip file, one at a time in memory; RefusedUploadError may come after some of them."""
    asked = Asked(
        {"do": "unpack", "limits": astuple(limits)},
        b"",
        limits.seconds,
        limits.memory,
        limits.single_megabytes * MEGABYTE,
        lent=file,
        processor_seconds=PROCESSOR * limits.seconds,
    )
    left, entries = limits.megabytes * MEGABYTE, limits.entries
    with closing(parts(asked)) as answers:
        for answer in answers:
            left, entries = left - len(answer.content), entries - 1
            path = answer.words.get("path")
            if not isinstance(path, str) or len(path) > LONGEST_PATH or min(left, entries) < 0:
                raise UnreadFileError(STOPPED)
            yield Unpacked(path, bytes(answer.content))


def _asked(words: Mapping[str, Any], content: bytes, limits: Limits, most: int) -> Asked:
    return Asked(words, content, limits.seconds, limits.memory, most)


def _kind(content: bytes) -> str:
    return DICOM if is_dicom(content) else PHOTOGRAPHS


def _only(asked: Asked, kind: str = PHOTOGRAPHS) -> Message:
    """Return the one part that an answer has."""
    with closing(parts(asked, kind)) as answers:
        found = next(answers, None)
        if found is None or next(answers, None) is not None:
            raise UnreadFileError(STOPPED)
        return found


def _image(answer: Message, shortest: int, longest: int) -> Image.Image:
    """Return the image of an answer's pixels; its sides must be what they may be, and its pixels as many."""
    match answer.words.get("size"):
        case [int(width), int(height)] if shortest <= min(width, height) and max(width, height) <= longest:
            if len(answer.content) == CHANNELS * width * height:
                return Image.frombytes("RGB", (width, height), answer.content)
    raise UnreadFileError(STOPPED)


def _facts(said: object) -> DicomFacts:
    try:
        found = _adapter().validate_python(said)
    except ValidationError as error:
        raise UnreadFileError(STOPPED) from error
    texts = [value for value in (*asdict(found).values(), *found.other_names) if isinstance(value, str)]
    if len(found.other_names) > MOST_NAMES or not all(len(text) <= LONGEST_TEXT and is_visible(text) for text in texts):
        raise UnreadFileError(STOPPED)
    return found


def _line(said: bytes | bytearray, most_cells: int) -> tuple[int, list[str]]:
    try:
        line = parsed(bytes(said))
    except MessageError as error:
        raise UnreadFileError(STOPPED) from error
    match line:
        case [int(number), list(cells)] if len(cells) <= most_cells and all(isinstance(cell, str) for cell in cells):
            return number, cells
    raise UnreadFileError(STOPPED)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[DicomFacts]:
    return TypeAdapter(DicomFacts)
