"""The patient's page as a document: what it says, its logo, and the file that both make."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.reports.summary.content import SummaryContent
from app.reports.summary.words import FOOT
from app.results.report.clinical import canonical
from app.results.report.issue import Issue

if TYPE_CHECKING:
    from app.results.report.pictures import Picture


@dataclass(frozen=True, slots=True)
class Summary:
    """A patient's page as it can be drawn."""

    content: SummaryContent
    logo: Picture | None

    @property
    def text(self) -> str:
        """All that it says and shows as canonical JSON."""
        return canonical({"summary": asdict(self.content)}, [self.logo])

    def drawn(self, issue: Issue) -> bytes:
        """Return the PDF file."""
        from app.reports.summary.page import story  # noqa: PLC0415 - ReportLab takes a while: not at the web's start
        from app.results.report import pdf  # noqa: PLC0415 - ReportLab takes a while: not at the web's start

        edges = pdf.Edges(above=self.content.patient, foot=(FOOT, issue.foot))
        return pdf.draw(lambda: story(self.content, self.logo, issue), edges)
