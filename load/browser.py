"""A browser: cookies, a cache that asks whether what it holds is still so, and no more than six connections."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from load.http import UNSENT, Answer, Connection
from load.samples import Kind, Sample

AT_ONCE = 6  # connections to one site
MAX_AGE = re.compile(r"max-age=(\d+)")
LOADED = re.compile(r'<(?:link rel="stylesheet"|script|img)\b[^>]*?\b(?:src|href)="(/[^"]+)"')
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
EDGE = b"----------------------------lentigo-load"
FORM, WITH_FILE = "application/x-www-form-urlencoded", f"multipart/form-data; boundary={EDGE.decode()}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was answered, and the token of the forms on it, empty where there is none."""

    status: int
    text: str
    token: str
    location: str


class Browser:
    """One person at one browser."""

    def __init__(self, host: str, port: int, note: Callable[[Sample], None]) -> None:
        self._place = host, port
        self._note = note
        self._cookies: dict[str, str] = {}
        self._kept: dict[str, tuple[str, float]] = {}  # by address: the ETag, and until when nothing is asked
        self._idle: list[Connection] = []
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def visit(self, address: str, kind: Kind = Kind.PAGE) -> Page:
        """Open a page, with all that is on it; the times are noted."""
        began = time.monotonic()
        page = await self.ask("GET", address, kind)
        on_it = dict.fromkeys(unescape(found) for found in LOADED.findall(page.text))
        await asyncio.gather(*(self._load(each) for each in on_it))
        self._note(Sample(Kind.WHOLE, time.monotonic() - began, page.status))
        return page

    async def send(self, address: str, fields: Mapping[str, str], kind: Kind) -> Page:
        """Send a form without a file."""
        return await self.ask("POST", address, kind, body=urlencode(fields).encode(), type_=FORM)

    async def upload(self, address: str, fields: Mapping[str, str], file: bytes, due: float) -> Page:
        """Send a photograph, which should have left at `due` by the monotonic clock: its time counts from then."""
        return await self.ask("POST", address, Kind.UPLOAD, body=_multipart(fields, file), type_=WITH_FILE, due=due)

    async def ask(
        self, method: str, address: str, kind: Kind, *, body: bytes = b"", type_: str = "", due: float | None = None
    ) -> Page:
        """Ask for one thing alone, and note in which time it was answered."""
        began = time.monotonic() if due is None else due
        fields = {"Content-Type": type_, "Content-Length": str(len(body))} if method == "POST" else {}
        answer = await self._answer(method, address, fields, body, kind)
        if answer is None:
            return Page(0, "", "", "")
        self._note(Sample(kind, time.monotonic() - began, answer.status, retry="retry-after" in answer.headers))
        text = answer.text if "html" in answer.headers.get("content-type", "") else ""
        found = TOKEN.search(text)
        return Page(answer.status, text, unescape(found[1]) if found else "", answer.headers.get("location", ""))

    def close(self) -> None:
        """Close all connections."""
        for connection in self._idle:
            connection.close()

    async def _load(self, address: str) -> None:
        """Load what is on a page, unless it is kept; of what is kept and may have changed, ask whether it has."""
        etag, until = self._kept.get(address, ("", 0.0))
        began = time.monotonic()
        if began < until:
            return
        kind = Kind.STATIC if address.startswith("/static/") else Kind.PICTURE
        answer = await self._answer("GET", address, {"If-None-Match": etag} if etag else {}, b"", kind)
        if answer is None:
            return
        self._note(Sample(kind, time.monotonic() - began, answer.status))
        keeps = answer.headers.get("cache-control", "")
        if answer.status in (200, 304) and "no-store" not in keeps:
            age = MAX_AGE.search(keeps)
            self._kept[address] = answer.headers.get("etag", etag), began + (int(age[1]) if age else 0)

    async def _answer(
        self, method: str, address: str, fields: Mapping[str, str], body: bytes, kind: Kind
    ) -> Answer | None:
        lines = [f"{method} {address} HTTP/1.1", f"Host: {self._place[0]}:{self._place[1]}", "User-Agent: load"]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        lines += [f"{name}: {value}" for name, value in fields.items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        began = time.monotonic()
        try:
            async with self._turns:
                answer = await self._over_a_connection(head, body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._note(Sample(kind, time.monotonic() - began, 0, error=type(error).__name__))
            return None
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    async def _over_a_connection(self, head: bytes, body: bytes) -> Answer:
        """Ask over a connection that is open, or a new one; over a new one, too, where the site has just closed it."""
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh:
                try:
                    return await self._over(connection, head, body)
                except UNSENT:
                    break
            connection.close()
        return await self._over(await Connection.to(*self._place), head, body)

    async def _over(self, connection: Connection, head: bytes, body: bytes) -> Answer:
        try:
            return await connection.ask(head, body)
        finally:
            if connection.open:
                self._idle.append(connection)
            else:
                connection.close()


def _multipart(fields: Mapping[str, str], file: bytes) -> bytes:
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (EDGE, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    head = b'--%s\r\nContent-Disposition: form-data; name="image"; filename="lesion.jpg"\r\n' % EDGE
    return b"".join([*parts, head, b"Content-Type: image/jpeg\r\n\r\n", file, b"\r\n--%s--\r\n" % EDGE])
