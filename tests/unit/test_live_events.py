"""The events of a stream: what is told, how often, and when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from app.live.events import BEAT, EVERY, LONGEST, RETRY, events
from app.live.parts import Telling

NOTHING_NEW = Telling({"batch:a": "<p>1 of 9</p>"}, over=False)
NEWS = Telling({"batch:a": "<p>2 of 9</p>"}, over=False)
END = Telling({"batch:a": "<p>9 of 9</p>"}, over=True)


class Stream:
    """A stream on a clock that only waiting moves; the client goes after `gone` waits, if it goes."""

    def __init__(self, looks: Iterable[Telling | None], seen: str | None = None, gone: int | None = None) -> None:
        self.now, self.waits, self.gone = 0.0, 0, gone
        self.looks = iter(looks)
        self.said = list(
            events(NOTHING_NEW, lambda: next(self.looks), seen=seen, wait=self.wait, clock=lambda: self.now)
        )

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        self.waits += 1
        return self.gone is None or self.waits < self.gone

    @property
    def told(self) -> list[dict[str, object]]:
        lines = [line for event in self.said for line in event.splitlines()]
        return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def forever(telling: Telling) -> Iterable[Telling]:
    while True:
        yield telling


def test_only_what_is_new_is_told_and_the_end_ends_the_stream() -> None:
    stream = Stream([NOTHING_NEW, NEWS, NEWS, END])

    assert stream.told == [telling.as_json() for telling in (NOTHING_NEW, NEWS, END)]
    assert stream.now == 4 * EVERY
    assert stream.said[0] == f"retry: {RETRY}\n\n"
    assert stream.said[1].startswith(f"id: {NOTHING_NEW.id}\n")
    assert all(event.endswith("\n\n") for event in stream.said)


def test_whoever_comes_back_is_not_told_the_same_again() -> None:
    stream = Stream([NOTHING_NEW, END], seen=NOTHING_NEW.id)

    assert stream.told == [END.as_json()]


def test_a_stream_ends_after_a_while_and_is_not_silent_until_then() -> None:
    stream = Stream(forever(NOTHING_NEW))

    assert stream.now == LONGEST
    assert stream.told == [NOTHING_NEW.as_json()]
    assert stream.said.count(":\n\n") == LONGEST // BEAT


def test_what_can_not_be_seen_any_more_ends_the_stream() -> None:
    stream = Stream([NOTHING_NEW, None])

    assert stream.told[-1] == {"parts": {}, "over": True}


@pytest.mark.parametrize("gone", [1, 3])
def test_nobody_looks_for_a_client_that_has_gone(gone: int) -> None:
    stream = Stream(looks := [NEWS, NOTHING_NEW, NEWS], gone=gone)

    assert len(list(stream.looks)) == len(looks) - (gone - 1)
