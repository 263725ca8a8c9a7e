"""What the site and the processes that decode tell each other: a few words in JSON, and bytes beside them.

Each message begins with the length of both. Whoever reads says how much may come: nobody on the other side is trusted,
and no object is ever built of what comes but numbers, texts, lists and mappings.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

LENGTHS = struct.Struct(">II")  # of the words and of the bytes
MOST_WORDS = 256 * 1024  # bytes; the names in a zip file may have 64 KB
MOST_CONTENT = 1 << 31  # bytes of a file
MOST_PIECE = 1 << 20  # bytes of a file that is lent

Read = Callable[[int], "bytes | bytearray"]  # as many bytes as are asked for, or EOFError


class MessageError(ValueError):
    """What came is no message, or a larger one than was asked for."""


class Message(NamedTuple):
    """Some words, and bytes."""

    words: dict[str, Any]
    content: bytes | bytearray


def written(words: Mapping[str, Any], length: int = 0) -> bytes:
    """Return the beginning of a message, behind which `length` bytes are to come."""
    said = json.dumps(words, separators=(",", ":"), allow_nan=False).encode()
    return LENGTHS.pack(len(said), length) + said


def read(read_exactly: Read, most: int) -> Message:
    """Read a message with `most` bytes beside its words; MessageError, EOFError."""
    length, beside = LENGTHS.unpack(read_exactly(LENGTHS.size))
    if length > MOST_WORDS or beside > most:
        raise MessageError("the message is larger than it may be")
    words = parsed(bytes(read_exactly(length)))
    if not isinstance(words, dict):
        raise MessageError("the words are no mapping")
    return Message(words, read_exactly(beside) if beside else b"")


def parsed(said: bytes) -> Any:
    """Return what JSON says; MessageError if it is none, or nested beyond measure."""
    try:
        return json.loads(said)
    except (ValueError, RecursionError) as error:
        raise MessageError("the words are not JSON") from error
