"""The figures of merit, each computed for many weightings of the same photographs at once.

One row of ones gives the figure itself; a row per resample gives its bootstrap distribution: so the interval
can't be that of a different formula. What can't be said (a class without a photograph) is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.evaluation.ranking import Floats, Ranking, ratio
from models.evaluation.risk_coverage import risk_coverage
from models.evaluation.sample import Sample

BINS = 15
MELANOMA = "mel"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures by name: `overall` (b,) each, `per_class` (b, classes) each."""

    overall: Mapping[str, Floats]
    per_class: Mapping[str, Floats]


def measure(sample: Sample) -> Figures:
    """Return every figure of merit of a sample."""
    matrix = confusion(sample)
    per_class = class_figures(matrix) | {"auc": one_versus_rest(sample)}
    overall = agreement(matrix) | {"macro_auc": _mean_of_known(per_class["auc"])}
    overall |= separation(sample) | {"ece": expected_calibration_error(sample), "brier": brier_score(sample)}
    overall |= risk_coverage(sample)
    return Figures(overall, per_class)


def confusion(sample: Sample) -> Floats:
    """Return the confusion matrices (b, classes, classes): rows are the truth, columns the prediction."""
    classes = len(sample.task.codes)
    cells = np.eye(classes * classes)[sample.labels * classes + sample.predicted]
    matrix: Floats = (sample.weights @ cells).reshape(-1, classes, classes)
    return matrix


def class_figures(matrix: Floats) -> dict[str, Floats]:
    """Return precision, recall and F1 of each class (b, classes) from confusion matrices.

    Precision is NaN for a class that is never predicted, recall and F1 for one that does not occur.
    """
    hits = np.diagonal(matrix, axis1=1, axis2=2)
    occurring, called = matrix.sum(axis=2), matrix.sum(axis=1)
    f1 = np.where(occurring > 0, ratio(2 * hits, occurring + called), np.nan)
    return {"precision": ratio(hits, called), "recall": ratio(hits, occurring), "f1": f1}


def agreement(matrix: Floats) -> dict[str, Floats]:
    """Return accuracy and the means over classes (b,) from confusion matrices.

    Balanced accuracy is the mean recall (Brodersen et al., ICPR 2010). Means run over the classes that occur;
    one that occurs and is never predicted enters macro precision as 0, as in scikit-learn.
    """
    figures, support = class_figures(matrix), matrix.sum(axis=2)
    precision = np.where((support > 0) & np.isnan(figures["precision"]), 0.0, figures["precision"])
    f1 = np.where(support > 0, figures["f1"], 0.0)
    return {
        "accuracy": ratio(np.trace(matrix, axis1=1, axis2=2), support.sum(axis=1)),
        "balanced_accuracy": _mean_of_known(figures["recall"]),
        "macro_precision": _mean_of_known(np.where(support > 0, precision, np.nan)),
        "macro_f1": _mean_of_known(figures["f1"]),
        "weighted_f1": ratio((f1 * support).sum(axis=1), support.sum(axis=1)),
    }


def one_versus_rest(sample: Sample) -> Floats:
    """Return the AUC of each class against all others (b, classes)."""
    columns = [
        Ranking.of(sample.probabilities[:, c], sample.labels == c, sample.weights).auc
        for c in range(len(sample.task.codes))
    ]
    return np.stack(columns, axis=1)


def separation(sample: Sample) -> dict[str, Floats]:
    """Return how well malignancy tells malignant from benign (b,): AUC, and points of the ROC curve.

    `melanoma_recall_at_95_sensitivity` is the share of melanomas found where 95 % of all malignant lesions
    are; it is left out of a task that has no melanoma class.
    """
    ranking = Ranking.of(sample.malignancy, sample.malignant, sample.weights)
    figures = {"malignant_auc": ranking.auc}
    for percent in (90, 95):
        figures[f"sensitivity_at_{percent}_specificity"] = ranking.sensitivity_at(percent / 100)
        figures[f"specificity_at_{percent}_sensitivity"] = ranking.specificity_at(percent / 100)
    if MELANOMA in sample.task.codes:
        threshold = ranking.threshold_at(0.95)[:, np.newaxis]
        figures["melanoma_recall_at_95_sensitivity"] = _share_called(sample, _melanoma(sample), threshold)
    return figures


def decide(sample: Sample, threshold: float) -> dict[str, Floats]:
    """Return sensitivity, specificity and melanoma recall (b,) of calling malignant from a threshold on."""
    at = np.array([[threshold]])
    figures = {
        "sensitivity": _share_called(sample, sample.malignant, at),
        "specificity": 1 - _share_called(sample, ~sample.malignant, at),
    }
    if MELANOMA in sample.task.codes:
        figures["melanoma_recall"] = _share_called(sample, _melanoma(sample), at)
    return figures


def reliability(sample: Sample, bins: int = BINS) -> tuple[Floats, Floats, Floats]:
    """Return weight, summed confidence and summed hits (b, bins) by confidence, in bins of equal width."""
    confidence = sample.probabilities.max(axis=1)
    within = np.eye(bins)[np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)]
    hits = (sample.predicted == sample.labels).astype(np.float64)
    sums = [sample.weights @ (within * value[:, np.newaxis]) for value in (np.ones_like(hits), confidence, hits)]
    return sums[0], sums[1], sums[2]


def expected_calibration_error(sample: Sample, bins: int = BINS) -> Floats:
    """Return the mean gap (b,) between confidence and accuracy (Guo et al., ICML 2017, equation 3)."""
    weight, confidence, hits = reliability(sample, bins)
    return ratio(np.abs(hits - confidence).sum(axis=1), weight.sum(axis=1))


def brier_score(sample: Sample) -> Floats:
    """Return the mean squared distance (b,) summed over classes, 0 to 2 (Brier, 1950)."""
    truth = np.eye(len(sample.task.codes))[sample.labels]
    distance = ((sample.probabilities - truth) ** 2).sum(axis=1)
    return ratio(sample.weights @ distance, sample.weights.sum(axis=1))


def _melanoma(sample: Sample) -> npt.NDArray[np.bool_]:
    return np.isin(sample.labels, sample.task.codes.index(MELANOMA))


def _share_called(sample: Sample, group: npt.NDArray[np.bool_], threshold: Floats) -> Floats:
    """Return the share (b,) of a group (n,) with malignancy at or above thresholds (b or 1, 1)."""
    counted = sample.weights * group
    called = counted * (sample.malignancy >= threshold)
    return np.where(np.isnan(threshold[:, 0]), np.nan, ratio(called.sum(axis=1), counted.sum(axis=1)))


def _mean_of_known(values: Floats) -> Floats:
    """Return the mean over the last axis, passing over NaN; NaN if there is nothing else."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1).astype(np.float64))
