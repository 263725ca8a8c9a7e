"""The report of an analysis: A4 pages, the same bytes whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.inference import Card, Frame, Label
from app.results.report.case import Case
from app.results.report.clinic import Clinic
from app.results.report.clinical import ClinicalReport
from app.results.report.content import report_content
from app.results.tables import Analysis

if TYPE_CHECKING:
    from app.results.report.pictures import Picture

__all__ = ["ClinicalReport", "composed_report"]


def composed_report(
    analysis: Analysis,
    *,
    photograph: bytes,
    heatmap: bytes,
    clinic: Clinic,
    card: Card | None,
    labels: Sequence[Label],
    prevalence: float | None = None,
    case: Case | None = None,
    course: Sequence[Picture | None] = (),
    similar: Sequence[Picture | None] = (),
) -> ClinicalReport:
    """Return the report; `photograph` is the kept PNG, `heatmap` the transparent PNG that covers its framed square.

    `course` and `similar` are the pictures of what `case` tells of.
    """
    from app.results.report import pictures  # noqa: PLC0415 - Pillow is not needed at the web's start

    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    content = report_content(analysis, clinic=clinic, card=card, labels=labels, prevalence=prevalence)
    whole, square = pictures.printed_pictures(photograph, heatmap, frame)
    logo = None if clinic.logo is None else pictures.printed_logo(clinic.logo)
    shown = pictures.Pictures(whole, square, logo, tuple(course), tuple(similar))
    return ClinicalReport(content, case or Case(), shown)
