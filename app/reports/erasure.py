"""Reports in the name of a patient who is erased, of tests that have been moved to somebody else since."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.patients.erasure import erases_along
from app.patients.tables import FormerKeeping, Patient
from app.reports.jobs import erase_reports
from app.reports.tables import Report
from app.results.tables import Analysis


@erases_along
def erase_former_reports(session: Session, patient: Patient) -> None:
    """Delete what was issued of a test while it was kept with a patient; the test itself is another's now."""
    former = select(FormerKeeping, Analysis).join(Analysis, Analysis.id == FormerKeeping.analysis_id)
    for keeping, analysis in session.execute(former.where(FormerKeeping.patient_id == patient.id)).all():
        codes = _issued_meanwhile(session, keeping)
        session.execute(delete(Report).where(Report.code.in_(codes)))
        if codes:
            erase_reports.send_after_commit(session, analysis.public_id, codes)


def _issued_meanwhile(session: Session, keeping: FormerKeeping) -> Sequence[str]:
    """Return the codes of the reports that were issued until a test was moved, and after it had been moved before."""
    until = FormerKeeping.analysis_id == keeping.analysis_id, FormerKeeping.until < keeping.until
    before = session.scalar(select(func.max(FormerKeeping.until)).where(*until))
    of_test = [Report.analysis_id == keeping.analysis_id, Report.issued_at <= keeping.until]
    if before is not None:
        of_test.append(Report.issued_at > before)
    return list(session.scalars(select(Report.code).where(*of_test)))
