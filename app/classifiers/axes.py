"""Axes of a drawing: what lies where, in units, and round numbers to write beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = 6  # between ticks, at most about so many
NARROWEST = 0.001  # span of an axis


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, in units, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from the value `begin` at 0 to the value `end` at `length` units; `begin` may be the larger one."""

    begin: float
    end: float
    length: float
    numbers: tuple[float, ...]

    @classmethod
    def over(cls, first: float, last: float, length: float) -> Axis:
        """Return an axis of whole numbers from the first to the last; one alone stands in the middle."""
        step = max(1.0, _step(last - first))
        numbers = _multiples(step, math.ceil(first / step), math.floor(last / step))
        return cls(first, last, length, numbers) if last > first else cls(first - 1, first + 1, length, (first,))

    @classmethod
    def up(cls, low: float, high: float, length: float) -> Axis:
        """Return an axis that rises, between round numbers around both values."""
        step = _step(high - low)
        first = math.floor(low / step)
        numbers = _multiples(step, first, max(math.ceil(high / step), first + 1))
        return cls(numbers[-1], numbers[0], length, numbers)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The numbers, where they lie."""
        return tuple(Tick(self.at(number), f"{number:g}") for number in self.numbers)

    def at(self, value: float) -> float:
        """Return where a value lies, in units."""
        return round(abs(value - self.begin) / abs(self.end - self.begin) * self.length, 1)


def _multiples(step: float, first: int, last: int) -> tuple[float, ...]:
    return tuple(round(number * step, 6) for number in range(first, last + 1))


def _step(span: float) -> float:
    """Return the power of ten, or twice or five times one, that divides a span into at most about STEPS."""
    least = max(span, NARROWEST) / STEPS
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * nice for nice in (1, 2, 5, 10) if power * nice >= least)
