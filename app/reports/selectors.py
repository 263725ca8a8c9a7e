"""Queries for issued reports: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from app.auth.tables import User
from app.errors import NotFoundError
from app.reports.codes import grouped
from app.reports.tables import Report, Signature
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class Issued:
    """A report with its signature, None before it has one; `newest` tells whether no later version was issued."""

    report: Report
    signature: Signature | None
    newest: bool

    @property
    def code(self) -> str:
        """The code as it is printed."""
        return grouped(self.report.code)


def reports_of(user: User) -> Select[Report, Signature | None]:
    """Select the reports of the analyses of a person's clinic, each with its signature."""
    joined = select(Report, Signature).outerjoin(Signature, Signature.report_id == Report.id)
    return joined.join(Analysis, Analysis.id == Report.analysis_id).where(Analysis.clinic_id == user.clinic_id)


def reports_of_analysis(session: Session, user: User, analysis: Analysis) -> Sequence[Issued]:
    """Return all that was issued of an analysis, the newest first, without what the reports say."""
    of_analysis = reports_of(user).where(Report.analysis_id == analysis.id).order_by(Report.id.desc())
    rows = session.execute(of_analysis.options(defer(Report.content, raiseload=True))).all()
    newest: dict[str, int] = {}
    for report, _ in rows:
        newest.setdefault(report.kind, report.version)
    return [Issued(report, signature, newest[report.kind] == report.version) for report, signature in rows]


def has_reports(session: Session, analysis: Analysis) -> bool:
    """Tell whether anything was issued of an analysis."""
    return session.scalar(select(Report.id).where(Report.analysis_id == analysis.id).limit(1)) is not None


def report_of(session: Session, user: User, code: str) -> tuple[Analysis, Issued]:
    """Return one report of a person's clinic, with its analysis; NotFoundError if there is none such."""
    found = session.execute(reports_of(user).where(Report.code == code)).one_or_none()
    analysis = None if found is None else session.get(Analysis, found[0].analysis_id)
    if found is None or analysis is None:
        raise NotFoundError("There is no such report. It may have been erased with its test.")
    report, signature = found
    later = next_version(session, report)
    return analysis, Issued(report, signature, newest=later is None)


def next_version(session: Session, report: Report) -> Report | None:
    """Return the version that takes a report's place, None if there is none."""
    return version_of(session, report.analysis_id, report.kind, report.version + 1)


def version_of(session: Session, analysis_id: int, kind: str, version: int) -> Report | None:
    """Return one version of what was issued of an analysis."""
    return session.scalar(
        select(Report).where(Report.analysis_id == analysis_id, Report.kind == kind, Report.version == version)
    )
