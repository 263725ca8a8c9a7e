"""The door of the web server: who waits for the turn of a page, who has a place for a photograph, and who has none."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import IO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.admission.lanes import FullError, Lane, Place
from app.security.hosts import PROBES

LIVE = "/live/"
SMALL = 1 << 20  # bytes that are received before a page's turn is taken: a form, not a file
STAY = "lentigo.stay"

Refuse = Callable[[WSGIEnvironment, StartResponse, int], Iterable[bytes]]


class Stay:
    """How long one request is here: in the lane of pages, and from there in that of photographs."""

    def __init__(self, page: Place, photograph: Place | None) -> None:
        self.page, self.photograph = page, photograph
        self.received: IO[bytes] | None = None  # what was brought

    def leave(self) -> None:
        """Give back whatever it has."""
        self.page.leave()
        if self.photograph is not None:
            self.photograph.leave()
        if self.received is not None:
            self.received.close()


def in_turns(site: WSGIApplication, pages: Lane, photographs: Lane, refuse: Refuse) -> WSGIApplication:
    """Let no more be answered at a time than there are turns, besides what is live; whoever brings a file last.

    Those who ask how the site does are answered however much there is to do: it would else be taken for dead.

    The threads of the streams would else answer too while no stream is open, and photographs need memory.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(LIVE) or environ["PATH_INFO"] in PROBES:
            return site(environ, start_response)
        try:
            stay = _let_in(environ, pages, photographs)
        except FullError as full:
            return refuse(environ, start_response, full.retry_after)
        environ[STAY] = stay
        try:
            return site(environ, start_response)
        finally:
            stay.leave()

    return answer


def _let_in(environ: WSGIEnvironment, pages: Lane, photographs: Lane) -> Stay:
    """Return a stay with the turn of a page; FullError before anything is read if there can't be one."""
    if brings_a_file(environ):
        photograph = photographs.place()
        try:
            page = pages.place()
            page.take_turn()
        except FullError:
            photograph.leave()
            raise
        return Stay(page, photograph)
    page = pages.place()
    environ["wsgi.input"] = _received(environ)  # a form that comes slowly holds no turn
    page.take_turn()
    return Stay(page, None)


def brings_a_file(environ: WSGIEnvironment) -> bool:
    """Tell whether a request brings a file, or as much as one: of what length is not known, it may be."""
    length = length_of(environ)
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "") != ""
    return chunked or length > SMALL or (length > 0 and environ.get("CONTENT_TYPE", "").startswith("multipart/"))


def length_of(environ: WSGIEnvironment) -> int:
    """Return how many bytes a request says that it brings; 0 if it doesn't say so."""
    given = environ.get("CONTENT_LENGTH") or ""
    return int(given) if given.isdecimal() else 0


def _received(environ: WSGIEnvironment) -> IO[bytes]:
    length = length_of(environ)
    return io.BytesIO(environ["wsgi.input"].read(length)) if length else environ["wsgi.input"]
