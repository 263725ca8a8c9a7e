"""Server-sent events: what a page is told, again whenever it has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import json

from app.live.parts import GONE, Telling

MIMETYPE = "text/event-stream"
EVERY = 1.0  # seconds between two looks
BEAT = 15.0  # seconds after which a silent stream says that it is alive
LONGEST = 45.0  # seconds of one stream: the browser comes back, and others get their turn
RETRY = 2000  # milliseconds after which it does

Look = Callable[[], Telling | None]
Wait = Callable[[float], bool]


def events(
    first: Telling, look: Look, *, seen: str | None, wait: Wait, clock: Callable[[], float] = time.monotonic
) -> Iterator[str]:
    """Yield `first`, unless its id was `seen`, and what each later look finds if that is something else.

    `look` returns None once there is nothing more to be seen. `wait` waits so many seconds; it returns False if the
    stream has to end at once.
    """
    yield f"retry: {RETRY}\n\n"
    until, spoken = clock() + LONGEST, clock()
    telling: Telling | None = first
    while telling is not None:
        if telling.over or telling.id != seen:
            yield _event(telling)
            seen, spoken = telling.id, clock()
        elif clock() - spoken >= BEAT:
            yield ":\n\n"
            spoken = clock()
        if telling.over or clock() >= until or not wait(EVERY):
            return
        telling = look()
    yield _event(GONE)


def _event(telling: Telling) -> str:
    return f"id: {telling.id}\ndata: {json.dumps(telling.as_json())}\n\n"
