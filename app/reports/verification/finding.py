"""What anybody who has the code of a report may know of it: nothing of the patient, and nothing of the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.reports.codes import grouped
from app.reports.prints import fingerprints
from app.reports.tables import ErasedReport, Report, Signature
from app.results.measurement import Fact


@dataclass(frozen=True, slots=True)
class Successor:
    """The newest version that takes a report's place, and whether it is signed."""

    version: int
    issued_at: datetime
    signed: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a code; of a report that was erased, only when, and the SHA-256 of its files.

    `unsigned_sha256` is that of the file as it was issued, `signed_sha256` of the one that bears the signature.
    """

    code: str
    issued_at: datetime
    unsigned_sha256: str
    signed_sha256: str | None
    signed_at: datetime | None
    signed_by: str = ""
    kind: str = ""
    version: int | None = None
    successor: Successor | None = None
    fingerprints: tuple[Fact, ...] = ()
    erased_at: datetime | None = None


def find(session: Session, code: str) -> Finding | None:
    """Return what is known of a code; None if no report ever had it."""
    joined = select(Report, Signature).outerjoin(Signature, Signature.report_id == Report.id)
    found = session.execute(joined.where(Report.code == code).options(defer(Report.content))).one_or_none()
    if found is None:
        erased = session.get(ErasedReport, code)
        return None if erased is None else _erased(erased)
    report, signature = found
    return Finding(
        code=grouped(report.code),
        issued_at=report.issued_at,
        unsigned_sha256=report.pdf_sha256,
        signed_sha256=signature.pdf_sha256 if signature else None,
        signed_at=signature.signed_at if signature else None,
        signed_by=signature.signed_by if signature else "",
        kind=report.kind,
        version=report.version,
        successor=_successor(session, report),
        fingerprints=fingerprints(report),
    )


def _erased(erased: ErasedReport) -> Finding:
    return Finding(
        code=grouped(erased.code),
        issued_at=erased.issued_at,
        unsigned_sha256=erased.pdf_sha256,
        signed_sha256=erased.signed_pdf_sha256,
        signed_at=erased.signed_at,
        erased_at=erased.erased_at,
    )


def _successor(session: Session, report: Report) -> Successor | None:
    """Return the newest signed version that came later, else the newest."""
    later = (
        select(Report.version, Report.issued_at, Signature.report_id)
        .outerjoin(Signature, Signature.report_id == Report.id)
        .where(Report.analysis_id == report.analysis_id, Report.kind == report.kind, Report.version > report.version)
        .order_by(Signature.report_id.is_(None), Report.version.desc())
        .limit(1)
    )
    found = session.execute(later).one_or_none()
    return None if found is None else Successor(found[0], found[1], signed=found[2] is not None)
