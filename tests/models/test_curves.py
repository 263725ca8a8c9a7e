"""The curves that a card keeps are those of the figures beside them."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.curves import MOST_POINTS, curves
from models.evaluation.metrics import expected_calibration_error, separation
from models.evaluation.sample import Sample
from models.labels import BINARY


def sample(n: int = 1500) -> Sample:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    malignancy = 1 / (1 + np.exp(-rng.normal(2 * labels - 1, 1)))
    return Sample.whole(BINARY, labels, np.stack([1 - malignancy, malignancy], axis=1))


def test_the_kept_roc_curve_is_short_rises_from_corner_to_corner_and_has_the_area_of_the_whole() -> None:
    whole = sample()

    points = np.array(curves(whole)["roc_malignant"])

    assert len(points) <= MOST_POINTS
    assert points[0].tolist() == [0, 0]
    assert points[-1].tolist() == [1, 1]
    assert (np.diff(points, axis=0) >= 0).all()
    assert np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(separation(whole)["malignant_auc"][0], abs=0.005)


def test_the_kept_bins_give_the_calibration_error() -> None:
    whole = sample()

    bins = curves(whole)["reliability"]

    error = sum(n * abs(mean - share) for mean, share, n in bins if n) / sum(n for _, _, n in bins)
    assert len(bins) == 15
    assert bins[0] == [None, None, 0]  # of two classes, the more probable one has at least a half
    assert error == pytest.approx(expected_calibration_error(whole)[0], abs=1e-9)


def test_without_a_malignant_photograph_there_is_no_roc_curve() -> None:
    benign = Sample.whole(BINARY, np.zeros(5, dtype=np.int64), np.tile([0.9, 0.1], (5, 1)))

    assert curves(benign)["roc_malignant"] == []
