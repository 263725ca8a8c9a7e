"""One file: read what is asked and the file, do it, answer."""

from __future__ import annotations

import io
import os
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from app.decoding.inside.lent import LentFile
from app.decoding.inside.operations import OPERATIONS, Part
from app.decoding.messages import MOST_CONTENT, read, written
from app.errors import RefusedUploadError

ROOT = os.sep + "app" + os.sep


def work(descriptor: int, held: list[str]) -> None:
    """Answer one request on a socket; a refusal is an answer, and so is an error of ours."""

    def read_exactly(count: int) -> bytearray:
        return _read_exactly(descriptor, count)

    words, content = read(read_exactly, MOST_CONTENT)
    lent = LentFile(words.get("lent", 0), lambda words: _send(descriptor, words), read_exactly)
    try:
        for part in _parts(words, content, lent, held):
            _send(descriptor, part.words, part.content)
        _send(descriptor, {"done": True})
    except RefusedUploadError as refusal:
        _send(descriptor, {"refused": refusal.message})
    except BaseException as error:  # noqa: BLE001 - whatever it is, the other side is told, and this process ends
        _send(descriptor, {"failed": _where(error)})


def _parts(words: Mapping[str, Any], content: Any, lent: LentFile, held: list[str]) -> Iterator[Part]:
    if words["do"] == "tell":
        return iter([Part({"held": held})])
    return OPERATIONS[words["do"]](words, bytes(content), io.BufferedReader(lent, buffer_size=1 << 18))


def _where(error: BaseException) -> str:
    """Name an error and the line that raised it, without its words: those may quote the file."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if ROOT in frame.filename]
    place = f"{frames[-1].filename.rpartition(ROOT)[2]}:{frames[-1].lineno}" if frames else "elsewhere"
    return f"{type(error).__name__} at {place}"


def _send(descriptor: int, words: Mapping[str, Any], content: Any = b"") -> None:
    for piece in (written(words, len(content)), content):
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]


def _read_exactly(descriptor: int, count: int) -> bytearray:
    content = bytearray()
    while len(content) < count:
        piece = os.read(descriptor, min(count - len(content), 1 << 20))
        if not piece:
            raise EOFError
        content += piece
    return content
