"""The ROC curve and the reliability diagram as a few points each, small enough for a card, for a page to draw."""

from __future__ import annotations

import numpy as np

from models.evaluation.metrics import reliability
from models.evaluation.ranking import Floats, Ranking, ratio
from models.evaluation.sample import Sample

MOST_POINTS = 60

Points = list[list[float]]


def curves(sample: Sample) -> dict[str, list[list[float | None]] | Points]:
    """Return the points of both curves.

    `roc_malignant` has at most 60 points [1 - specificity, sensitivity] from (0, 0) to (1, 1), and none where there
    is no malignant or no benign photograph. `reliability` has one row for each of 15 bins of confidence: [mean
    confidence, accuracy, photographs], the means None where a bin is empty.
    """
    return {"roc_malignant": roc_points(sample), "reliability": reliability_bins(sample)}


def roc_points(sample: Sample) -> Points:
    """Return the curve of malignancy, thinned evenly along its length."""
    ranking = Ranking.of(sample.malignancy, sample.malignant, sample.weights)
    if np.isnan(ranking.auc[0]):
        return []
    along = np.stack([1 - ranking.specificity[0], ranking.sensitivity[0]], axis=1)[::-1]
    kept: Points = _thinned(along).tolist()
    return kept


def reliability_bins(sample: Sample) -> list[list[float | None]]:
    """Return mean confidence, accuracy and number of photographs of each bin of confidence."""
    weight, confidence, hits = (sums[0] for sums in reliability(sample))
    rows = zip(ratio(confidence, weight).tolist(), ratio(hits, weight).tolist(), weight.tolist(), strict=True)
    return [[mean, share, int(n)] if n else [None, None, 0] for mean, share, n in rows]


def _thinned(points: Floats) -> Floats:
    """Keep the points nearest after equal steps along a curve (n, 2) that rises on both axes, its ends among them."""
    walked = points.sum(axis=1)
    steps = np.linspace(walked[0], walked[-1], MOST_POINTS)
    kept: Floats = points[np.unique(np.searchsorted(walked, steps).clip(0, len(points) - 1))]
    return kept
