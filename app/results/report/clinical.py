"""The clinical report: what it says, its pictures, and the file that both make."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from app.results.report.case import Case
from app.results.report.content import ReportContent
from app.results.report.issue import UNSIGNED, WORKING_COPY, Issue

if TYPE_CHECKING:
    from app.results.report.pictures import Picture, Pictures  # bring Pillow, which the start does without


@dataclass(frozen=True, slots=True)
class ClinicalReport:
    """A report as it can be drawn: as a working copy, or as it is issued."""

    content: ReportContent
    case: Case
    pictures: Pictures

    @property
    def text(self) -> str:
        """All that it says and shows as canonical JSON, the pictures as their SHA-256."""
        return canonical({"analysis": asdict(self.content), "case": asdict(self.case)}, self.pictures)

    def drawn(self, issue: Issue | None = None) -> bytes:
        """Return the PDF file; without `issue` it is marked as a working copy."""
        from app.results.report import blocks, pdf  # noqa: PLC0415 - ReportLab takes a while: not at the web's start

        content = self.content
        copy = f"{WORKING_COPY}. {UNSIGNED}. Analysis {content.analysis_id}, {content.date}"
        edges = pdf.Edges(above=content.patient, foot=(content.purpose, issue.foot if issue else copy))
        return pdf.draw(lambda: blocks.story(content, self.case, self.pictures, issue), edges)


def canonical(content: Mapping[str, Any], pictures: Iterable[Picture | None]) -> str:
    """Write what a report says as JSON of one possible form: sorted keys, no blanks, ASCII."""
    shown = [picture and hashlib.sha256(picture.jpeg).hexdigest() for picture in pictures]
    return json.dumps({"content": content, "pictures": shown}, sort_keys=True, separators=(",", ":"))
