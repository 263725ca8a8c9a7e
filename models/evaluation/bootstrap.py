"""95 % intervals by the bootstrap over lesions: photographs of one lesion are drawn together or not at all.

Percentile intervals (Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13); the cluster
that is drawn is the lesion (Field and Welsh, Journal of the Royal Statistical Society B 69, 2007).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.card import Interval
from models.evaluation.metrics import Figures, measure
from models.evaluation.ranking import Floats
from models.evaluation.sample import Sample

RESAMPLES = 1000
SEED = 0
TAIL = 2.5  # per cent on each side

Intervals = dict[str, Interval | None]


def lesion_weights(lesions: Sequence[str], resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Draw as many lesions as there are, with replacement, time and again.

    Return how often each photograph counts in each resample, (resamples, n).
    """
    names, of_photograph = np.unique(np.asarray(lesions), return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(names), size=(resamples, len(names)))
    counts = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])
    return counts[:, of_photograph].astype(np.float64)


def intervals(sample: Sample, lesions: Sequence[str], figures: Callable[[Sample], Mapping[str, Floats]]) -> Intervals:
    """Return each figure with its interval; None where the figure is not defined."""
    resampled = replace(sample, weights=lesion_weights(lesions))
    values, spread = figures(sample), figures(resampled)
    return {name: interval(float(values[name][0]), spread[name]) for name in values}


def all_intervals(sample: Sample, lesions: Sequence[str]) -> tuple[Intervals, dict[str, Intervals]]:
    """Return the intervals of all overall figures, and by class code those of the figures of each class."""
    values = measure(sample)
    spread = measure(replace(sample, weights=lesion_weights(lesions)))
    overall = {name: interval(float(values.overall[name][0]), spread.overall[name]) for name in values.overall}
    return overall, {code: _of_class(values, spread, i) for i, code in enumerate(sample.task.codes)}


def interval(value: float, resampled: Floats) -> Interval | None:
    """Return a figure with the percentiles of its resamples, NaN left out; None if the figure is NaN."""
    known = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(known):
        return None
    low, high = np.percentile(known, [TAIL, 100 - TAIL])
    return Interval(value, float(low), float(high))


def _of_class(values: Figures, spread: Figures, i: int) -> Intervals:
    return {
        name: interval(float(values.per_class[name][0, i]), spread.per_class[name][:, i]) for name in values.per_class
    }
