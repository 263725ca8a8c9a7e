"""A line of the table, how times are taken, and the classifier that is measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.registry import Registry
from models.serving import LiteRtClassifier

NAME = "mobilenetv2-ham7"
WEIGHTS = Path("models/weights")
REPEATS = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; times are medians."""

    what: str
    value: float
    unit: str
    limit: str = ""
    within: bool | None = None


def taking_turns(**actions: Callable[[], object]) -> dict[str, float]:
    """Time actions in turn, so that noise hits all of them; return medians in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(REPEATS):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values[3:]) for name, values in times.items()}


def measured_classifier() -> LiteRtClassifier:
    """Load the classifier that is measured."""
    classifier = Registry(WEIGHTS)[NAME]
    assert isinstance(classifier, LiteRtClassifier)
    return classifier
