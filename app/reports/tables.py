"""Tables of the issued reports: rows are added, and go with their analysis; the database lets nobody change one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.reports.guards import guard

CLINICAL, SUMMARY = "clinical", "summary"


class Report(Base):
    """One version of a report of an analysis; the next version of the same kind takes its place.

    `kind` is CLINICAL, or SUMMARY for the patient's page. `content` is what it says, as canonical JSON. The SHA-256 are
    of that text, of the photograph, of the list of the classifier's files (None where its version is not installed)
    and of the PDF file. `threshold` is that of the alert. `reason` says why it amends a signed version. `issued_by` is
    the name of then.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("analysis_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    reason: Mapped[str | None] = mapped_column(EncryptedText("reports.reason", listed=True))
    issued_by: Mapped[str] = mapped_column(String(120))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    content: Mapped[str] = mapped_column(EncryptedText("reports.content"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    photograph_sha256: Mapped[str] = mapped_column(String(64))
    classifier: Mapped[str] = mapped_column(String(120))
    preprocessing: Mapped[str | None] = mapped_column(String(120))
    network_sha256: Mapped[str | None] = mapped_column(String(64))
    threshold: Mapped[float | None]
    pdf_sha256: Mapped[str] = mapped_column(String(64))


class Signature(Base):
    """The signature under a report, and the SHA-256 of the PDF file that bears it; `signed_by` is the name of then."""

    __tablename__ = "report_signatures"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    signed_by: Mapped[str] = mapped_column(String(120))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    statement: Mapped[str] = mapped_column(Text)
    pdf_sha256: Mapped[str] = mapped_column(String(64))


class ErasedReport(Base):
    """What is left of a report that was erased: nothing of the patient or of who signed. The database writes it."""

    __tablename__ = "erased_reports"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    signed_pdf_sha256: Mapped[str | None] = mapped_column(String(64))


TABLES: tuple[Table, Table, Table] = (Report.__table__, Signature.__table__, ErasedReport.__table__)  # type: ignore[assignment]  # none is a join

for table in TABLES:
    guard(table, traced=table.name == Report.__tablename__)
