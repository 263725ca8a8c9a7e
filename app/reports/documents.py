"""Documents that can be issued of an analysis, as they would be now."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.reports.clinical import clinical_report
from app.reports.records import Document
from app.reports.summary.content import Verdicts, summary_content
from app.reports.summary.document import Summary
from app.reports.summary.steps import Chosen
from app.reports.tables import SUMMARY, Report
from app.results.report.clinic import Clinic
from app.results.tables import Analysis
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import DIAGNOSIS
from app.storage import Storage
from config import Settings


def patients_page(session: Session, analysis: Analysis, chosen: Chosen, settings: Settings) -> Summary:
    """Return the patient's page of an analysis, with what the clinician chose for it."""
    from app.results.report.pictures import printed_logo  # noqa: PLC0415 - Pillow is not needed at the web's start

    clinic = Clinic.of(settings)
    content = summary_content(analysis, verdicts=verdicts_in_force(session, analysis), chosen=chosen, clinic=clinic)
    return Summary(content, None if clinic.logo is None else printed_logo(clinic.logo))


def verdicts_in_force(session: Session, analysis: Analysis) -> Verdicts:
    """Return what clinicians have said of an analysis."""
    diagnosis = newest(verdicts_of(session, analysis), DIAGNOSIS)
    return Verdicts(analysis.assessment, analysis.diagnosis, diagnosis.basis if diagnosis else None)


def patient_named(report: Report) -> str:
    """Return the patient's name that stands on a report."""
    content = json.loads(report.content)["content"]
    return str(content["summary" if report.kind == SUMMARY else "analysis"]["patient"])


def document_again(
    session: Session, storage: Storage, *, user: User, analysis: Analysis, report: Report, settings: Settings
) -> Document:
    """Return what a report would be if it were issued now, with the same choice."""
    if report.kind == SUMMARY:
        chosen = json.loads(report.content)["content"]["summary"]["chosen"]
        return patients_page(session, analysis, Chosen(**chosen), settings)
    return clinical_report(session, storage, user=user, analysis=analysis, settings=settings)
