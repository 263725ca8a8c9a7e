"""Who is served, who waits, and who is told to come again."""

from __future__ import annotations

import threading

import pytest

from app.admission.lanes import FullError, Lane


class Clock:
    """A clock that goes as it is told."""

    def __init__(self) -> None:
        self.moment = 0.0

    def __call__(self) -> float:
        return self.moment


def a_usual_one(lane: Lane, clock: Clock, seconds: float) -> None:
    place = lane.place()
    place.take_turn()
    clock.moment += seconds
    place.leave()


def test_whoever_comes_when_all_places_are_taken_is_told_so_at_once() -> None:
    lane = Lane(turns=1, room=1, patience=60)
    lane.place().take_turn()
    lane.place()

    with pytest.raises(FullError):
        lane.place()


def test_a_place_that_is_left_is_another_s() -> None:
    lane = Lane(turns=1, room=0, patience=60)
    first = lane.place()
    first.take_turn()

    first.leave()
    first.leave()

    lane.place().take_turn()
    with pytest.raises(FullError):
        lane.place()


def test_nobody_is_let_wait_who_would_wait_too_long() -> None:
    clock = Clock()
    lane = Lane(turns=1, room=100, patience=5, clock=clock)
    a_usual_one(lane, clock, 2.0)
    places = [lane.place() for _ in range(3)]  # the third waits for four seconds

    with pytest.raises(FullError) as full:
        lane.place()

    assert len(places) == 3
    assert full.value.retry_after == 6


def test_waiting_ends_when_patience_does_and_gives_the_place_back() -> None:
    lane = Lane(turns=1, room=1, patience=0.01)
    lane.place().take_turn()

    with pytest.raises(FullError):
        lane.place().take_turn()

    lane.place()


def test_whoever_waits_is_next() -> None:
    lane = Lane(turns=1, room=1, patience=60)
    first, second = lane.place(), lane.place()
    first.take_turn()
    waiting = threading.Thread(target=second.take_turn)

    waiting.start()
    waiting.join(0.05)
    waited = waiting.is_alive()
    first.leave()
    waiting.join(5)

    assert waited
    assert not waiting.is_alive()


def test_it_is_told_when_somebody_begins_to_wait_and_when_nobody_does_any_more() -> None:
    told: list[bool] = []
    lane = Lane(turns=1, room=2, patience=60, tell=told.append)
    first, second, third = lane.place(), lane.place(), lane.place()
    while_three = list(told)

    third.leave()
    while_two = list(told)
    first.leave()
    second.leave()

    assert while_three == while_two == [True]
    assert told == [True, False]
