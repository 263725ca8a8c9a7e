"""A file that stays where it is: whoever lends it hands over the pieces that are asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from typing import Any

from app.decoding.messages import MOST_PIECE, read


class LentFile(io.RawIOBase):
    """A file of `size` bytes, read by asking for it piece by piece."""

    def __init__(self, size: int, ask: Callable[[Mapping[str, Any]], None], answer: Callable[[int], bytearray]) -> None:
        self._size, self._ask, self._answer = size, ask, answer
        self._position = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; ValueError if it lies before the start."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a position before the start of a file")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next piece, or the beginning of it."""
        wanted = min(len(buffer), MOST_PIECE, max(0, self._size - self._position))
        if not wanted:
            return 0
        self._ask({"piece": [self._position, wanted]})
        content = read(self._answer, wanted).content
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
