"""A line of the table, how times are taken, and the classifier that is measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from models.registry import Registry
from models.serving import NetworkClassifier

NAME = "mobilenetv2-ham7"
WEIGHTS = Path("models/weights")
REPEATS = 40
NOT_COUNTED = 3  # of these, the first


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; of several samples, the value is the median.

    `reference` names the figure of the same run that this one is held against when runs are compared, for what a
    machine takes at one time says little of another machine, or another time; without one, the value itself is.
    """

    what: str
    value: float
    unit: str
    limit: str = ""
    within: bool | None = None
    reference: str = ""
    samples: tuple[float, ...] = ()

    @classmethod
    def of(cls, what: str, samples: Iterable[float], unit: str = "ms", reference: str = "") -> Figure:
        """Return the median of some samples."""
        taken = tuple(samples)
        return cls(what, statistics.median(taken), unit, reference=reference, samples=taken)


def taking_turns(**actions: Callable[[], object]) -> dict[str, float]:
    """Time actions in turn, so that noise hits all of them; return medians in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(REPEATS):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values[NOT_COUNTED:]) for name, values in times.items()}


def measured_classifier() -> NetworkClassifier:
    """Load the classifier that is measured."""
    classifier = Registry(WEIGHTS)[NAME]
    assert isinstance(classifier, NetworkClassifier)
    return classifier
