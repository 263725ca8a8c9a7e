"""Outline and similar lesions of a test, as they are answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.api.predictions.schemas import Outline, SimilarLesion
from app.results.outlines.records import Measured
from app.results.outlines.selectors import measured
from app.results.similar import CONFIRMED, LABELS, UNKNOWN
from app.results.tables import Analysis

MEASURES = (
    "version", "confidence", "refused", "polygon", "area", "diameter", "asymmetry", "irregularity", "notching",
    "colour_spread", "colours", "hair",
)  # fmt: skip


def outline_of(session: Session, analysis: Analysis) -> Outline | None:
    """Return the outline of the lesion and its measures; None until the worker has looked at the photograph."""
    known: Measured = measured(session, analysis)
    if known.outline is None:
        return None
    return Outline(
        **{name: getattr(known.outline, name) for name in MEASURES},
        why_not=known.refusal,
        px_per_mm=known.px_per_mm,
        area_mm2=known.area_mm2,
        diameter_mm=known.diameter_mm,
    )


def similar_to(analysis: Analysis) -> list[SimilarLesion]:
    """Return the known lesions that look most alike; one whose class has no name is left out, as on the page."""
    return [_similar(case) for case in analysis.similar or () if case["label"] in LABELS]


def _similar(case: dict[str, Any]) -> SimilarLesion:
    label = LABELS[case["label"]]
    return SimilarLesion(
        image_id=case["image_id"],
        label=label.code,
        label_name=label.name,
        malignant=label.malignant,
        confirmed_by=case["confirmed_by"],
        confirmed=CONFIRMED.get(case["confirmed_by"], UNKNOWN),
        similarity=case["similarity"],
    )
