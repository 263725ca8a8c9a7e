"""The similar cases of an analysis in words: what each was, how that is known, and how alike it looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.inference import TASKS, Label
from app.results.known_photographs import photograph_file

# how HAM10000 says that a diagnosis was confirmed -> how we say it
CONFIRMED = MappingProxyType(
    {
        "histo": "Confirmed by histology",
        "follow_up": "Unchanged at follow-up",
        "consensus": "Consensus of experts",
        "confocal": "Confirmed by confocal microscopy",
    }
)
UNKNOWN = "How it was confirmed is not recorded"
LABELS: Mapping[str, Label] = MappingProxyType({label.code: label for task in TASKS.values() for label in task.labels})


@dataclass(frozen=True, slots=True)
class ShownCase:
    """One similar lesion; `similarity` is a figure of at most two decimals, `has_picture` whether the site has it."""

    image_id: str
    diagnosis: Label
    confirmed: str
    similarity: str
    has_picture: bool


def similar_cases(kept: Iterable[Mapping[str, Any]] | None) -> tuple[ShownCase, ...]:
    """Put the cases that an analysis keeps into words, each with the fields of a SimilarCase.

    One whose class we have no name for is left out.
    """
    return tuple(_shown(case) for case in kept or () if case["label"] in LABELS)


def _shown(case: Mapping[str, Any]) -> ShownCase:
    return ShownCase(
        image_id=case["image_id"],
        diagnosis=LABELS[case["label"]],
        confirmed=CONFIRMED.get(case["confirmed_by"], UNKNOWN),
        similarity=_similarity(case["similarity"]),
        has_picture=photograph_file(case["image_id"]) is not None,
    )


def _similarity(cosine: float) -> str:
    """Write a cosine with two decimals, cut and not rounded: only the very same photograph is 1.00."""
    return f"{int(max(0.0, min(1.0, cosine)) * 100) / 100:.2f}"
