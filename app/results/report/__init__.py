"""The report of an analysis: A4 pages, the same bytes whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from app.inference import Card, Frame, Label
from app.results.report.clinical import ClinicalReport
from app.results.report.content import report_content
from app.results.tables import Analysis

__all__ = ["ClinicalReport", "composed_report"]


def composed_report(
    analysis: Analysis,
    *,
    photograph: bytes,
    heatmap: bytes,
    clinic: str,
    card: Card | None,
    labels: Sequence[Label],
    prevalence: float | None = None,
) -> ClinicalReport:
    """Return the report; `photograph` is the kept PNG, `heatmap` the transparent PNG that covers its framed square."""
    from app.results.report.pictures import printed_pictures  # noqa: PLC0415 - Pillow is not needed at the web's start

    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    content = report_content(analysis, clinic=clinic, card=card, labels=labels, prevalence=prevalence)
    return ClinicalReport(content, *printed_pictures(photograph, heatmap, frame))
