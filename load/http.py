"""HTTP/1.1 over asyncio, and as little of it as will do: the generator shares the cores with the site."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_IDLE = 3.0  # seconds: the site closes connections after five
PATIENCE = 60.0  # seconds for one answer
LARGEST_HEAD = 1 << 16
UNSENT = (ConnectionError, asyncio.IncompleteReadError)  # what a connection raises that was closed meanwhile


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, `headers` by their names in small letters; the start of a connection counts as well."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")


class Connection:
    """One connection to the site, kept open between requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._used = time.monotonic()
        self.open = True

    @classmethod
    async def to(cls, host: str, port: int) -> Connection:
        """Open a connection; OSError."""
        return cls(*await asyncio.open_connection(host, port, limit=LARGEST_HEAD))

    @property
    def fresh(self) -> bool:
        """Whether the site has it open still, as far as can be told."""
        return self.open and not self._reader.at_eof() and time.monotonic() - self._used < LONGEST_IDLE

    async def ask(self, head: bytes, body: bytes = b"") -> Answer:
        """Send a request and read its answer; OSError, IncompleteReadError or TimeoutError if there is none."""
        self.open = False  # until the answer was read whole
        async with asyncio.timeout(PATIENCE):
            self._writer.write(head + body)
            status, fields, cookies = _head(await self._reader.readuntil(b"\r\n\r\n"))
            content = await self._content(status, fields)
        self.open = fields.get("connection", "").lower() != "close"
        self._used = time.monotonic()
        return Answer(status, fields, cookies, content)

    def close(self) -> None:
        """Close it."""
        self._writer.close()

    async def _content(self, status: int, fields: Mapping[str, str]) -> bytes:
        if status in (204, 304):
            return b""
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return await self._chunks()
        return await self._reader.readexactly(int(fields.get("content-length", "0")))

    async def _chunks(self) -> bytes:
        pieces = []
        while length := int(await self._reader.readline(), 16):
            pieces.append(await self._reader.readexactly(length))
            await self._reader.readexactly(2)
        await self._reader.readline()
        return b"".join(pieces)


def _head(received: bytes) -> tuple[int, dict[str, str], tuple[str, ...]]:
    first, *lines = received.decode("latin-1").rstrip().split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return int(first.split(" ", 2)[1]), dict(pairs), tuple(value for name, value in pairs if name == "set-cookie")
