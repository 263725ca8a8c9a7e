"""Figures of one network over its seeds, and what differs between two protocols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import hypot
from statistics import fmean

from models.card import Interval
from models.evaluation.measurements import Measurement

NOT_YET = "not measured yet"
Seeds = Sequence[Measurement]  # of one network, trained by one recipe, measured on one split


def by_network(measured: Iterable[Measurement]) -> dict[tuple[str, str], list[Measurement]]:
    """Return (name, recipe) -> measurements, one for each seed; they come sorted by these."""
    return {key: list(seeds) for key, seeds in groupby(measured, lambda one: (one.card.name, one.recipe))}


def figure(seeds: Seeds, name: str) -> str:
    """Say a figure with its interval or, of several seeds, their mean and range."""
    found = [value for one in seeds if (value := one.figure(name)) is not None]
    if not seeds:
        return NOT_YET
    if not found:
        return "not defined"
    if len(found) == 1:
        return f"{found[0].value:.3f} ({found[0].low:.3f} to {found[0].high:.3f})"
    values = [value.value for value in found]
    return f"{fmean(values):.3f} ({min(values):.3f} to {max(values):.3f} over {len(values)} seeds)"


def mean_interval(seeds: Seeds, name: str) -> Interval | None:
    """Return the means over the seeds of a figure and of the ends of its interval."""
    found = [value for one in seeds if (value := one.figure(name)) is not None]
    if not found:
        return None
    return Interval(*(fmean(getattr(value, part) for value in found) for part in ("value", "low", "high")))


def difference(one: Interval, other: Interval) -> Interval:
    """Return one figure less another of independent photographs, with its interval from theirs.

    The method of variance estimates recovery: Zou and Donner, Statistics in Medicine 27, 2008, equation 5.
    """
    value = one.value - other.value
    return Interval(
        value,
        value - hypot(one.value - one.low, other.high - other.value),
        value + hypot(one.high - one.value, other.value - other.low),
    )


def in_points(value: Interval | None) -> str:
    """Say a difference in percentage points."""
    if value is None:
        return "not defined"
    return f"{100 * value.value:+.1f} ({100 * value.low:+.1f} to {100 * value.high:+.1f})"


def leak_worth(leaking: Seeds, honest: Seeds, name: str) -> str:
    """Say by how much a figure is higher where lesions leak, in percentage points."""
    if not leaking or not honest:
        return NOT_YET
    one, other = mean_interval(leaking, name), mean_interval(honest, name)
    return in_points(None if one is None or other is None else difference(one, other))


def all_seeds(measured: Sequence[Measurement], split: str) -> Mapping[tuple[str, str], Seeds]:
    """Return (name, recipe) -> seeds of the networks that were trained for a split, measured on it."""
    return by_network(one for one in measured if one.own and one.split == split)
