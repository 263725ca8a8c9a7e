"""Clinicians and programs that send photographs, and what each of them was answered."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Self

import httpx

from tests.factories import PASSWORD, csrf_token
from tests.pictures import lesion_picture, png

SIZE = (96, 80)
AT_ONCE = 50  # files of a batch in one request
PATIENCE = 60.0  # seconds that a program asks again for
SECONDS = 30.0  # that anybody waits for an answer
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Picture:
    """A photograph that nobody else sends."""

    file: bytes
    pixels: str


@cache
def picture(number: int) -> Picture:
    """Draw one; the same number gives the same."""
    image = lesion_picture(number, SIZE)
    return Picture(png(image), hash_of(image.tobytes()))


def new_picture() -> Picture:
    """Draw one that was not drawn before."""
    return picture(next(_numbers))


def hash_of(pixels: bytes) -> str:
    """Return what a photograph is recognised by: it is kept without loss."""
    return hashlib.sha256(pixels).hexdigest()


@dataclass(frozen=True)
class Answered:
    """What came of one photograph: the status; None if the connection broke."""

    pixels: str
    status: int | None

    @property
    def accepted(self) -> bool:
        """Whether it was said to be kept."""
        return self.status in (201, 303)

    @property
    def refused(self) -> bool:
        """Whether it was said not to be kept."""
        return self.status is not None and not self.accepted


class Sender:
    """Somebody who sends photographs."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        self._http = httpx.Client(base_url=address, headers=headers, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, again: Callable[[], None]) -> Answered:
        """Send one photograph; `again` is called before it is asked again."""
        raise NotImplementedError


class Program(Sender):
    """A program that uses the interface: it asks again, with the same key, until it knows."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__(address, {"Authorization": f"Bearer {token}"})

    def send(self, again: Callable[[], None] = lambda: None) -> Answered:
        """Send one photograph, again and again until it is known what came of it."""
        photograph, deadline = new_picture(), time.monotonic() + PATIENCE
        headers = {"Idempotency-Key": photograph.pixels}
        while True:
            status = self._post("/api/v1/predictions", headers, {"image": ("lesion.png", photograph.file)})
            if status is not None and status not in (409, 500, 502, 503, 507):
                return Answered(photograph.pixels, status)
            if time.monotonic() > deadline:
                return Answered(photograph.pixels, status)
            again()
            time.sleep(0.2)

    def batch(self, photographs: int) -> tuple[str, list[str]]:
        """Make a batch and start it; return its id and the pixels of its photographs."""
        made = self._http.post("/api/v1/batches", json={"patient_name": "Ingrid Sørensen"})
        address = made.headers["Location"]
        pictures = [new_picture() for _ in range(photographs)]
        for start in range(0, photographs, AT_ONCE):
            files = [("files", (f"{one.pixels}.png", one.file)) for one in pictures[start : start + AT_ONCE]]
            self._http.post(f"{address}/files", files=files).raise_for_status()
        self._http.post(f"{address}/start").raise_for_status()
        return address.rpartition("/")[2], [one.pixels for one in pictures]

    def _post(self, address: str, headers: dict[str, str], files: dict[str, tuple[str, bytes]]) -> int | None:
        try:
            return self._http.post(address, headers=headers, files=files).status_code
        except httpx.HTTPError:
            return None


class Clinician(Sender):
    """Somebody at a browser, who sends the form once and looks at what comes."""

    def __init__(self, address: str, email: str) -> None:
        super().__init__(address)
        token = csrf_token(self._http.get("/login").text)
        signed_in = self._http.post("/login", data={"email": email, "password": PASSWORD, "csrf_token": token})
        assert signed_in.status_code == 303, signed_in.text
        self._token = csrf_token(self._http.get("/prediction").text)

    def send(self, again: Callable[[], None] = lambda: None) -> Answered:  # noqa: ARG002 - nobody sends it again
        """Send one photograph, once."""
        photograph = new_picture()
        fields = {"csrf_token": self._token, "patient_name": "Ingrid Sørensen", "submission": photograph.pixels}
        try:
            answer = self._http.post("/prediction", data=fields, files={"image": ("lesion.png", photograph.file)})
        except httpx.HTTPError:
            return Answered(photograph.pixels, None)
        return Answered(photograph.pixels, answer.status_code)

    def look(self) -> httpx.Response:
        """Open the page of earlier tests."""
        return self._http.get("/previous_tests")


@contextmanager
def sending(senders: list[Sender], again: Callable[[], None] = lambda: None) -> Iterator[list[Answered]]:
    """Have everybody send one photograph after the other meanwhile; the list grows, and is whole afterwards."""
    answered: list[Answered] = []
    stopping = threading.Event()

    def send(sender: Sender) -> None:
        while not stopping.is_set():
            answered.append(sender.send(again))
            if answered[-1].status is None:
                time.sleep(0.1)  # before somebody tries again who was cut off

    with ExitStack() as closing, ThreadPoolExecutor(len(senders)) as threads:
        running = [threads.submit(send, closing.enter_context(sender)) for sender in senders]
        try:
            yield answered
        finally:
            stopping.set()
        for each in running:
            each.result()
