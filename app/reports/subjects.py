"""Whose a report is, for the audit log."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import names_patient_of
from app.audit.events import REPORT
from app.auth.tables import User
from app.patients.tables import Patient
from app.reports.codes import MistypedError, read_code
from app.reports.selectors import reports_of
from app.reports.tables import Report
from app.results.tables import Analysis


@names_patient_of(REPORT)
def patient_of_report(session: Session, actor_id: int, code: str) -> str | None:
    """Return the public id of the patient of a report; None if of nobody who is known, or it is not theirs."""
    try:
        canonical = read_code(code)
    except MistypedError:
        return None
    reports = reports_of(session.get_one(User, actor_id)).where(Report.code == canonical)
    kept_with = reports.with_only_columns(Analysis.patient_id)
    return session.scalar(select(Patient.public_id).where(Patient.id.in_(kept_with)))
