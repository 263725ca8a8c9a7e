"""A lane: so many are served at a time, so many more wait, and whoever comes then is told when to come again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

SHORTEST, LONGEST = 1, 60  # seconds after which somebody who is refused is asked to come again
NEWEST = 0.1  # share of the newest in what is usual


class FullError(Exception):
    """There is no place, or no turn within reasonable time; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Lane:
    """Turns for `turns` at a time, and places for `room` more, each of whom waits no longer than `patience` seconds.

    `tell` learns when somebody begins to wait, and when nobody does any more.
    """

    def __init__(
        self,
        turns: int,
        room: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[bool], None] = lambda _waiting: None,
    ) -> None:
        self.turns, self._room, self.patience, self._clock, self._tell = turns, room, patience, clock, tell
        self._semaphore = threading.BoundedSemaphore(turns)
        self._lock = threading.Lock()
        self._inside = 0
        self._usual = 0.0  # seconds that one takes

    def place(self) -> Place:
        """Return a place; FullError if there is none, or if waiting in it would take too long."""
        with self._lock:
            wait = self._wait()
            if self._inside >= self.turns + self._room or wait > self.patience:
                raise FullError(self._again(wait))
            self._inside += 1
            if self._inside == self.turns + 1:
                self._tell(True)
        return Place(self)

    def turn(self) -> bool:
        """Wait for a turn; False if there was none in time."""
        return self._semaphore.acquire(timeout=self.patience)

    def refusal(self) -> FullError:
        """Return what tells those who have waited in vain when to come again."""
        with self._lock:
            return FullError(self._again(self._wait()))

    def leave(self, began: float | None) -> None:
        """Give a place back, and the turn that was taken at a moment of the clock, if one was."""
        with self._lock:
            self._inside -= 1
            if self._inside == self.turns:
                self._tell(False)
            if began is not None:
                self._usual += (self._clock() - began - self._usual) * (NEWEST if self._usual else 1)
        if began is not None:
            self._semaphore.release()

    def now(self) -> float:
        """Return the moment of the clock."""
        return self._clock()

    def _wait(self) -> float:
        """Return how long whoever came now would wait, in seconds."""
        before = max(0, self._inside - self.turns + 1)
        return before * self._usual / self.turns

    @staticmethod
    def _again(wait: float) -> int:
        return min(LONGEST, max(SHORTEST, math.ceil(wait)))


class Place:
    """A place in a lane, and perhaps a turn; given back once, however often it is left."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._began: float | None = None
        self._left = False

    def take_turn(self) -> None:
        """Wait for a turn; FullError, and the place is given back, if none comes in time."""
        if not self._lane.turn():
            self.leave()
            raise self._lane.refusal()
        self._began = self._lane.now()

    def leave(self) -> None:
        """Give place and turn back."""
        if not self._left:
            self._left = True
            self._lane.leave(self._began)
