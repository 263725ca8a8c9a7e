"""The figures of an evaluation of outlines, for the card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from models.abcd import shape
from models.evaluation.bootstrap import interval, lesion_weights
from models.evaluation.outlines.agreement import FAILED, Agreement
from models.evaluation.outlines.observed import Observed
from models.evaluation.ranking import Floats
from models.outline import Measures
from models.segmentation.belief import Limits

COMPARED = ("area", "diameter", "asymmetry", "irregularity", "notching")
DIGITS = 5


def figures(agreements: Sequence[Agreement], lesions: Sequence[str]) -> dict[str, Any]:
    """Return the mean of each figure of agreement over photographs, with intervals over lesions.

    `failed` is the share with a Jaccard index below 0.65, `thresholded` the mean of the index where those count as 0:
    the figure that the ISIC 2018 challenge ranked by.
    """
    jaccard = np.array([each.jaccard for each in agreements])
    values = {
        "jaccard": jaccard,
        "dice": np.array([each.dice for each in agreements]),
        "failed": (jaccard < FAILED).astype(float),
        "thresholded": np.where(jaccard < FAILED, 0, jaccard),
        "edge": np.array([each.edge for each in agreements]),
        "worst": np.array([each.worst for each in agreements]),
    }
    weights = lesion_weights(lesions)
    found = {name: _mean(each, weights) for name, each in values.items()}
    return {"n": len(jaccard), "lesions": len(set(lesions)), "median_jaccard": float(np.median(jaccard))} | found


def refusals(observed: Sequence[Observed], limits: Limits) -> dict[str, Any]:
    """Return how often an outline is refused and why, and how good those are that are refused, and that are not."""
    codes = [each.refused(limits) for each in observed]
    wrong = np.array([each.agreement.jaccard < FAILED for each in observed])
    refused = np.array([code is not None for code in codes])
    return {
        "n": len(observed),
        "rate": float(refused.mean()),
        "reasons": dict(sorted(Counter(code for code in codes if code).items())),
        "failed_of_accepted": float(wrong[~refused].mean()),
        "failed_of_refused": float(wrong[refused].mean()) if refused.any() else None,
        "failures_refused": float(refused[wrong].mean()) if wrong.any() else None,
    }


def groups(observed: Sequence[Observed], native_px: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures by the resolution that a photograph had."""
    names = sorted({native_px[each.photograph.image_id] for each in observed}, key=int)
    by_name = {name: [each for each in observed if native_px[each.photograph.image_id] == name] for name in names}
    return {name: of_all(members) for name, members in by_name.items()}


def of_all(observed: Sequence[Observed]) -> dict[str, Any]:
    """Return the figures of agreement of what was observed."""
    return figures([each.agreement for each in observed], [each.photograph.lesion_id for each in observed])


def measures_like_experts(observed: Sequence[Observed], limits: Limits) -> dict[str, Any]:
    """Return how close measures of the network's outlines come to those of the experts', where they are believed.

    `median` is that of the absolute difference, relative to the experts' value for area and diameter; `correlation` is
    Spearman's, of ranks.
    """
    both = [(each.measures, each.experts) for each in observed if each.measures and not each.refused(limits)]
    return {"n": len(both)} | {name: _likeness(name, both) for name in COMPARED}


def rows(observed: Sequence[Observed], limits: Limits) -> list[dict[str, Any]]:
    """Return what is kept of each photograph, so that the figures can be computed again."""
    return [
        {
            "image_id": each.photograph.image_id,
            "lesion_id": each.photograph.lesion_id,
            "refused": each.refused(limits) or "",
            **{name: round(value, DIGITS) for name, value in asdict(each.agreement).items()},
        }
        for each in observed
    ]


def _mean(values: Floats, weights: Floats) -> dict[str, float] | None:
    found = interval(float(values.mean()), weights @ values / weights.sum(axis=1))
    return None if found is None else asdict(found)


def _likeness(name: str, both: Sequence[tuple[Measures, Floats]]) -> dict[str, float]:
    of_polygon: Callable[[Floats], float] = getattr(shape, name)
    ours = np.array([getattr(measures, name) for measures, _ in both])
    experts = np.array([of_polygon(outline) for _, outline in both])
    apart = np.abs(ours - experts) / (experts if name in ("area", "diameter") else 1)
    return {"median": float(np.median(apart)), "correlation": float(np.corrcoef(_ranks(ours), _ranks(experts))[0, 1])}


def _ranks(values: Floats) -> Floats:
    ranks: Floats = values.argsort().argsort().astype(np.float64)
    return ranks
