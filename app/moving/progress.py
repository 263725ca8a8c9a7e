"""How far a move is, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable

EVERY = 2.0  # seconds


class Progress:
    """Tells every two seconds what was done, how fast, and how long the rest takes where that is known."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.expect(None, "")

    def expect(self, total: int | None, unit: str) -> None:
        """Begin to count so many of something; None if nobody knows how many there are."""
        self._total, self._unit, self._count, self._now = total, unit, 0, 0
        self._begun = self._told = time.monotonic()

    def done(self, count: int, where: str, *, earlier: bool = False) -> None:
        """Count what was done, now or by an earlier run, which says nothing of how fast this one is."""
        self._count += count
        self._now += 0 if earlier else count
        moment = time.monotonic()
        if moment - self._told >= EVERY:
            self._told = moment
            self._tell(self.line(where, moment - self._begun))

    def line(self, where: str, seconds: float) -> str:
        """Return the sentence."""
        rate = self._now / seconds if seconds else 0.0
        total = "" if self._total is None else f" of {self._total:,}"
        line = f"{where}: {self._count:,}{total} {self._unit}, {rate:,.0f} a second"
        if self._total is None or not rate:
            return line
        return f"{line}, some {spoken((self._total - self._count) / rate)} left"


def spoken(seconds: float) -> str:
    """Say how long something takes."""
    minutes = round(seconds / 60)
    return f"{max(1, round(seconds))} seconds" if seconds < 90 else f"{minutes} minutes"  # noqa: PLR2004 - of which a minute and a half are many
