"""Processes that read files as ours do, and fall to what a file tells them: ``python -m tests.broken_decoders KIND``.

They stand in for a bug in a decoder that somebody has found a use for: with the code in hand, what can be done?
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from app.decoding.inside.__main__ import main
from app.decoding.inside.operations import OPERATIONS, Part
from app.decoding.messages import LENGTHS

MARK = b"stops whoever reads it"


def crash() -> None:
    ctypes.string_at(0)


def loop() -> None:
    while True:
        pass


def fill_memory() -> None:
    hoard = [bytearray(64 << 20) for _ in range(1000)]
    hoard.clear()


def fill_memory_quietly() -> None:
    hoard = []
    while True:
        try:
            hoard.append(bytearray(1 << 20))
        except MemoryError:
            loop()


def import_late() -> None:
    import wave  # noqa: F401


def shout() -> None:
    os.write(0, LENGTHS.pack(0xFFFFFFFF, 0xFFFFFFFF))


def babble() -> None:
    os.write(0, bytes(range(256)) * 256)


def leave() -> None:
    os._exit(0)


TRICKS: dict[str, Callable[[], object]] = {
    "crash": crash,
    "loop": loop,
    "fill memory": fill_memory,
    "fill memory and stay": fill_memory_quietly,
    "import late": import_late,
    "shout": shout,
    "babble": babble,
    "leave": leave,
}

ATTEMPTS: dict[str, Callable[[], object]] = {
    "read a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "read the environment of the site": lambda: os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
    "write a file": lambda: os.open("planted", os.O_CREAT | os.O_WRONLY),
    "list a folder": lambda: os.scandir("."),
    "open a socket": socket.socket,
    "fork": os.fork,
    "start a program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
    "kill the site": lambda: os.kill(os.getppid(), 0),
    "look into another process": lambda: ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0),
    "have more memory": lambda: __import__("resource").setrlimit(9, (-1, -1)),
    "duplicate a descriptor": lambda: os.dup(0),
}


def _trick(asked: Mapping[str, Any], _content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    TRICKS[asked["trick"]]()
    yield Part({"survived": True})


def _attempts(_asked: Mapping[str, Any], _content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Say what could be done."""
    done = []
    for name, attempt in ATTEMPTS.items():
        try:
            if attempt() == -1:
                continue
        except (OSError, ValueError):
            continue
        done.append(name)
    yield Part({"could": done, "environment": dict(os.environ), "files": _files()})


def _files() -> list[int]:
    found = []
    for descriptor in range(64):
        try:
            os.write(descriptor, b"")
        except OSError:
            continue
        found.append(descriptor)
    return found


def _says(asked: Mapping[str, Any], _content: bytes, _lent: IO[bytes]) -> Iterator[Part]:
    """Answer what it is told to."""
    for words, length in asked["parts"]:
        yield Part(words, bytes(length))


def _photograph(asked: Mapping[str, Any], content: bytes, lent: IO[bytes]) -> Iterator[Part]:
    if MARK in content:
        crash()
    yield from ours(asked, content, lent)


if __name__ == "__main__":
    ours = OPERATIONS["photograph"]
    OPERATIONS.update({"trick": _trick, "attempts": _attempts, "say": _says, "photograph": _photograph})  # type: ignore[attr-defined]
    main()
