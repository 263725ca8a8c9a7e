"""The report of an analysis: one or two A4 pages, the same bytes whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from app.inference import Card, Frame, Label
from app.results.report.content import report_content
from app.results.tables import Analysis

__all__ = ["render_report"]


def render_report(
    analysis: Analysis,
    *,
    photograph: bytes,
    heatmap: bytes,
    clinic: str,
    card: Card | None,
    labels: Sequence[Label],
    prevalence: float | None = None,
) -> bytes:
    """Return the PDF; `photograph` is the kept PNG, `heatmap` the transparent PNG that covers its framed square."""
    from app.results.report.pdf import draw  # noqa: PLC0415 - ReportLab takes a while: not at the web's start
    from app.results.report.pictures import printed_pictures  # noqa: PLC0415 - nor is Pillow needed there

    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    content = report_content(analysis, clinic=clinic, card=card, labels=labels, prevalence=prevalence)
    return draw(content, *printed_pictures(photograph, heatmap, frame))
