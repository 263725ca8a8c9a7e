"""When an outline is to be believed: limits that hardly any good outline passes, from validation photographs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.evaluation.outlines.agreement import FAILED
from models.evaluation.outlines.observed import Observed
from models.segmentation.belief import Limits

LOST = 0.01  # share of good outlines that each limit refuses
LEAST_ON_RIM = 0.02  # a lesion whose experts' outline keeps off the rim by this share is whole
DIGITS = 4


def choose(observed: Sequence[Observed], level: float) -> Limits:
    """Return limits each of which refuses 1 % of the outlines that are whole and agree with the experts."""
    good = [
        each.found
        for each in observed
        if each.found and each.agreement.jaccard >= FAILED and each.experts_on_rim < LEAST_ON_RIM
    ]
    return Limits(
        level=level,
        least_area=_limit([found.area for found in good], LOST),
        most_on_rim=_limit([found.on_rim for found in good], 1 - LOST),
        most_elsewhere=_limit([found.elsewhere for found in good], 1 - LOST),
        least_confidence=_limit([found.confidence for found in good], LOST),
    )


def _limit(values: Sequence[float], share: float) -> float:
    return round(float(np.quantile(values, share)), DIGITS)
