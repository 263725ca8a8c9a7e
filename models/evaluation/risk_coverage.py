"""How right the answers are when the least sure ones are not given: risk against coverage.

Confidence is the probability of the most probable class. El-Yaniv and Wiener, Journal of Machine Learning Research
11, 2010; the area under the curve as in Geifman and El-Yaniv, NeurIPS 2017.
"""

from __future__ import annotations

import numpy as np

from models.evaluation.ranking import Floats, by_rank, ratio
from models.evaluation.sample import Sample

COVERAGES = (90, 80)  # per cent answered, beside all


def risk_coverage(sample: Sample) -> dict[str, Floats]:
    """Return the accuracy (b,) of the surest 90 and 80 %, and the area under the curve of error over coverage."""
    figures = {f"accuracy_at_{percent}_coverage": accuracy_at(sample, percent / 100) for percent in COVERAGES}
    return figures | {"aurc": area_under_risk(sample)}


def accuracy_at(sample: Sample, coverage: float) -> Floats:
    """Return the accuracy (b,) of the surest share of the photographs; those equally sure share the last place."""
    weights, hits = _surest_first(sample)
    answered = np.cumsum(weights, axis=1)
    wanted = coverage * answered[:, -1:]
    counted = np.clip(wanted - (answered - weights), 0, weights)
    right = np.where(weights > 0, ratio(counted, weights) * hits, 0.0)
    return ratio(right.sum(axis=1), counted.sum(axis=1))


def area_under_risk(sample: Sample) -> Floats:
    """Return the mean, over all photographs, of the error rate (b,) among those at least as sure."""
    weights, hits = _surest_first(sample)
    answered, wrong = np.cumsum(weights, axis=1), np.cumsum(weights - hits, axis=1)
    risk = np.where(weights > 0, ratio(wrong, answered), 0.0)
    return ratio((weights * risk).sum(axis=1), answered[:, -1])


def _surest_first(sample: Sample) -> tuple[Floats, Floats]:
    """Return the weight of all photographs and of those answered rightly (b, t) by falling confidence."""
    levels, rank = np.unique(-sample.probabilities.max(axis=1), return_inverse=True)
    right = sample.weights * (sample.predicted == sample.labels)
    return by_rank(sample.weights, rank, len(levels)), by_rank(right, rank, len(levels))
