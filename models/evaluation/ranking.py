"""ROC analysis by ranks, for many weightings of the same photographs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROUNDING = 1e-12  # weights are counts, so shares that differ at all differ by more than this


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; NaN where the whole is 0."""
    result = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ROC curve of one score, for b weightings: a photograph is called positive at or above a threshold.

    `thresholds` (t,) rise from the lowest score to infinity; `sensitivity` and `specificity` are (b, t), NaN
    where a weighting has no positive or no negative photograph. `auc` (b,) counts a tie as half (Hanley and
    McNeil, Radiology 143, 1982).
    """

    thresholds: Floats
    sensitivity: Floats
    specificity: Floats
    auc: Floats

    @classmethod
    def of(cls, scores: Floats, positive: Flags, weights: Floats) -> Ranking:
        """Rank `scores` (n,) of which `positive` (n,) should be high; `weights` (b, n) are counts."""
        thresholds, rank = np.unique(scores, return_inverse=True)
        hits, misses = (by_rank(weights * side, rank, len(thresholds)) for side in (positive, ~positive))
        below = np.cumsum(misses, axis=1) - misses
        all_hits, all_misses = hits.sum(axis=1), misses.sum(axis=1)
        wins = (hits * (below + misses / 2)).sum(axis=1)
        return cls(
            np.append(thresholds, np.inf),
            sensitivity=at_or_above(hits),
            specificity=1 - at_or_above(misses),
            auc=ratio(wins, all_hits * all_misses),
        )

    def sensitivity_at(self, specificity: float) -> Floats:
        """Return the best sensitivity (b,) with at least this specificity, without interpolation."""
        enough = self.specificity >= specificity - ROUNDING
        return _undefined_where(self._undefined, np.where(enough, self.sensitivity, 0.0).max(axis=1))

    def specificity_at(self, sensitivity: float) -> Floats:
        """Return the best specificity (b,) with at least this sensitivity, without interpolation."""
        enough = self.sensitivity >= sensitivity - ROUNDING
        return _undefined_where(self._undefined, np.where(enough, self.specificity, 0.0).max(axis=1))

    def threshold_at(self, sensitivity: float) -> Floats:
        """Return the highest threshold (b,) with at least this sensitivity; NaN without a positive one."""
        enough = self.sensitivity >= sensitivity - ROUNDING
        highest = self.thresholds[np.maximum(enough.sum(axis=1) - 1, 0)]
        return _undefined_where(np.isnan(self.sensitivity[:, 0]), highest)

    @property
    def _undefined(self) -> Flags:
        return np.isnan(self.auc)


def by_rank(weights: Floats, rank: npt.NDArray[np.int64], ranks: int) -> Floats:
    """Sum the columns of (b, n) weights that share a rank, to (b, ranks)."""
    order = np.argsort(rank, kind="stable")
    starts = np.searchsorted(rank[order], np.arange(ranks))
    sums: Floats = np.add.reduceat(weights[:, order], starts, axis=1)
    return sums


def at_or_above(counts: Floats) -> Floats:
    """Return the share (b, t + 1) of counts (b, t) at or above each threshold, infinity included."""
    rising = np.cumsum(counts, axis=1)
    total = rising[:, -1:]
    above = np.concatenate([total, total - rising], axis=1)
    return ratio(above, total)


def _undefined_where(undefined: Flags, values: Floats) -> Floats:
    return np.where(undefined, np.nan, values)
