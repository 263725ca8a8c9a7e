"""Keep the log readable: what a page asks for again and again, and what strangers send by the thousand."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

REPEATED = 600.0  # seconds in which the same is recorded once
MOST_HEARD = 10_000
MINUTE = 60.0
MOST_A_MINUTE = 300  # events of one kind by people who are not signed in


class Floods:
    """What this process has recorded lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._minutes: dict[str, tuple[float, int]] = {}
        self._dropped: dict[str, int] = {}

    def heard(self, actor_id: int, what: str) -> bool:
        """Tell whether the same person's same request was recorded a little while ago; if not, it is from now on."""
        moment, key = self._clock(), (actor_id, what)
        with self._lock:
            before = self._heard.get(key)
            if before is not None and moment - before < REPEATED:
                return True
            self._heard[key] = moment
            self._heard.move_to_end(key)
            if len(self._heard) > MOST_HEARD:
                self._heard.popitem(last=False)
            return False

    def is_too_much(self, action: str) -> bool:
        """Count what somebody does who is not signed in; tell whether it is more in a minute than is recorded."""
        moment = self._clock()
        with self._lock:
            began, count = self._minutes.get(action, (moment, 0))
            if moment - began >= MINUTE:
                began, count = moment, 0
            self._minutes[action] = began, count + 1
            if count < MOST_A_MINUTE:
                return False
            self._dropped[action] = self._dropped.get(action, 0) + 1
            return True

    def dropped(self, action: str) -> int:
        """Return how many were not recorded since this was asked for last."""
        with self._lock:
            return self._dropped.pop(action, 0)
