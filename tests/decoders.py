"""Processes that read files for the site, put in place of ours for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.decoding.orders import PHOTOGRAPHS
from app.decoding.origins import Origin, origins


@contextmanager
def broken_decoders() -> Iterator[Origin]:
    """Have photographs read by processes that do as files tell them."""
    theirs = Origin(PHOTOGRAPHS, "tests.broken_decoders")
    ours = origins.of(PHOTOGRAPHS)
    origins._origins[PHOTOGRAPHS] = theirs
    yield theirs
    for origin in {theirs, origins.of(PHOTOGRAPHS)}:  # a test may have ended the first
        origins.replace(origin)
    origins._origins[PHOTOGRAPHS] = ours
