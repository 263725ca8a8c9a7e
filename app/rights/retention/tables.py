"""Tables of what is going to be erased because its time is over, and of what stays although it is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base


class RetentionNotice(Base):
    """That a patient, or a test that is kept with nobody, is erased on a day; gone if the time is not over any more.

    Nothing is erased by its age that was not announced so for a month.
    """

    __tablename__ = "retention_notices"
    __table_args__ = (Index("ix_retention_notices_day", "erased_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), unique=True)
    analysis_id: Mapped[int | None] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), unique=True)
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    erased_on: Mapped[date]


class RetentionHold(Base):
    """That a patient's record stays although its time is over, and why; `author_name` stays when accounts go."""

    __tablename__ = "retention_holds"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(EncryptedText("retention_holds.reason"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
