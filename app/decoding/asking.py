"""Have a file read by a process of its own, within limits; whatever becomes of that process, the answer is a sentence.

Whoever answers has read what a stranger sent: what it says is judged by those who ask, in `reading`.
"""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import structlog

from app.decoding.messages import MOST_PIECE, Message, MessageError, read, written
from app.decoding.orders import PHOTOGRAPHS
from app.decoding.origins import DecodersUnavailableError, Origin, origins
from app.errors import RefusedUploadError
from app.metrics import DECODINGS
from app.tracing import span
from app.visible import is_visible

AT_ONCE = 2  # files that a process of the site has read at a time, each by a process of its own
PATIENCE = 4  # times as long as one file may take: others may come first
END_SECONDS = 20  # that the origin may take to say how a process ended, on a machine that is busy
LONGEST_SENTENCE = 400  # characters
BUFFER = 1 << 20  # bytes

STOPPED = "The program that reads files has stopped at this one. Nothing of it was stored; please export it again."
TOO_LONG = "Reading this file takes too long. Nothing of it was stored; please export it again."
BUSY = "Other files are being read just now. Nothing was stored; please try again in a moment."

log = structlog.get_logger(__name__)
turns = threading.BoundedSemaphore(AT_ONCE)
long_turns = threading.BoundedSemaphore(AT_ONCE)  # of files that are lent: the others need not wait for these


class UnreadFileError(RefusedUploadError):
    """A file at which the process that read it has stopped, or has answered what can't be."""

    kind = "photograph-stopped-reading"


class OriginGoneError(Exception):
    """The origin has gone meanwhile, or can't answer any more: that is not the file's fault."""


class Asked(NamedTuple):
    """What is asked of a process: the words, the content of a file, or a file that is lent, and the limits.

    `seconds` may pass without an answer, and as many of processor time be taken if `processor_seconds` does not say
    otherwise; `memory` is in bytes. `most` bytes may come with one part of an answer.
    """

    words: Mapping[str, Any]
    content: bytes
    seconds: int
    memory: int
    most: int
    lent: IO[bytes] | None = None
    processor_seconds: int | None = None


def parts(asked: Asked, kind: str = PHOTOGRAPHS) -> Generator[Message, None, None]:
    """Yield the parts of an answer; RefusedUploadError says why there are none, or no more, DecodersUnavailableError.

    The process is gone once this has ended, however it ends.
    """
    turn = turns if asked.lent is None else long_turns
    if not turn.acquire(timeout=PATIENCE * asked.seconds):
        raise DecodersUnavailableError(BUSY)
    try:
        begun = False
        try:
            for part in _answers(asked, kind):
                begun = True
                yield part
        except OriginGoneError as error:
            if begun:
                raise DecodersUnavailableError(BUSY) from error
            yield from _once_more(asked, kind)
    finally:
        turn.release()


def _once_more(asked: Asked, kind: str) -> Iterator[Message]:
    try:
        yield from _answers(asked, kind)
    except OriginGoneError as error:
        raise DecodersUnavailableError(BUSY) from error


def _answers(asked: Asked, kind: str) -> Iterator[Message]:
    with _process(asked, kind) as process:
        yield from process.answers(asked)


class _Process:
    """A process that reads one file."""

    def __init__(self, data: socket.socket, status: socket.socket) -> None:
        self._data, self._status = data, status
        for end in (data, status):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self._until = 0.0
        self._done = False

    def answers(self, asked: Asked) -> Iterator[Message]:
        """Ask, lend what is asked for, and yield what is answered; OSError, EOFError, MessageError."""
        self._give(asked.seconds)
        size = 0 if asked.lent is None else asked.lent.seek(0, 2)
        self._send({**asked.words, "lent": size}, asked.content)
        while True:
            message = read(self._receive, asked.most)
            match message.words:
                case {"done": True}:
                    self._done = True
                    return
                case {"refused": str(sentence)} if len(sentence) <= LONGEST_SENTENCE and is_visible(sentence):
                    raise RefusedUploadError(sentence)
                case {"failed": str(where)}:
                    raise MessageError(f"failed with {where[:80]!r}")
                case {"piece": [int(start), int(length)]} if asked.lent and 0 <= start <= size:
                    asked.lent.seek(start)
                    self._send({}, asked.lent.read(max(0, min(length, MOST_PIECE))))
                case _:
                    yield message
                    self._give(asked.seconds)

    def end(self) -> dict[str, Any] | None:
        """End it if it has not ended; return how it did, if the origin can say so, and None if it has just answered."""
        with self._data, self._status:
            if self._done:
                return None
            self._data.close()
            try:
                self._status.shutdown(socket.SHUT_WR)
                self._status.settimeout(END_SECONDS)
                return dict(json.loads(self._status.recv(4096) or b"{}"))
            except (OSError, ValueError):
                return {}

    def _give(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _send(self, words: Mapping[str, Any], content: bytes) -> None:
        for piece in (written(words, len(content)), content):
            self._data.settimeout(self._left())
            self._data.sendall(piece)

    def _receive(self, count: int) -> bytearray:
        content = bytearray(count)
        view = memoryview(content)
        while view:
            self._data.settimeout(self._left())
            received = self._data.recv_into(view)
            if not received:
                raise EOFError
            view = view[received:]
        return content


@contextmanager
def _process(asked: Asked, kind: str) -> Iterator[_Process]:
    """Yield a process, and end it; what it breaks is told in a sentence."""
    origin, process = _forked(asked, kind)
    trouble: tuple[str, Exception] | None = None
    try:
        with span("decode", do=str(asked.words["do"])):
            yield process
    except TimeoutError as error:
        trouble = TOO_LONG, error
    except (OSError, EOFError, MessageError) as error:
        trouble = STOPPED, error
    finally:
        ending = process.end()
        if trouble is not None and (ending or {}).get("status") == signal.SIGXCPU:
            trouble = TOO_LONG, trouble[1]  # its processor time was over before its time was
        DECODINGS.labels(_outcome(ending, trouble)).inc()
    if ending == {}:
        origins.replace(origin)
        raise OriginGoneError
    if trouble is not None:
        sentence, cause = trouble
        log.warning("decoding_stopped", do=asked.words["do"], reason=repr(cause), **(ending or {}))
        raise UnreadFileError(sentence) from cause


def _outcome(ending: dict[str, Any] | None, trouble: tuple[str, Exception] | None) -> str:
    """Name how the reading of a file has ended."""
    if ending is None:
        return "done"
    if ending == {}:
        return "lost"
    if trouble is None:
        return "refused"
    return "too long" if trouble[0] == TOO_LONG else "stopped"


def _forked(asked: Asked, kind: str) -> tuple[Origin, _Process]:
    """Have a process forked; an origin that has gone is replaced, once."""
    order = asked.processor_seconds or asked.seconds, asked.memory
    origin = origins.of(kind)
    try:
        return origin, _Process(*origin.fork(*order))
    except OSError:
        origins.replace(origin)
    origin = origins.of(kind)
    try:
        return origin, _Process(*origin.fork(*order))
    except OSError as error:
        raise DecodersUnavailableError(BUSY) from error
