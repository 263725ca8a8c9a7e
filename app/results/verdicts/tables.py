"""Table of the verdicts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.results.tables import only_where

ASSESSMENT, DIAGNOSIS = "assessment", "diagnosis"  # the clinician's own; the confirmed one


class Verdict(Base):
    """What was said of an analysis at one time; rows are added, never changed: the newest of a kind is in force.

    `kind` is ASSESSMENT or DIAGNOSIS. `label` is a code of `labels.VERDICTS`, or UNCERTAIN for an assessment; None
    takes back what was in force. `basis` says how a diagnosis was made: a code of `labels.BASES`; `found_on` when, if
    that was said. `blind` is set if Lentigo had shown the classifier's answer to the author at no time before.
    `author_name` stays when accounts go. `clinic_id` is the analysis's, so that one index serves the search in notes.
    """

    __tablename__ = "verdicts"
    __table_args__ = (
        Index("ix_verdicts_analysis", "analysis_id", "id"),
        only_where("ix_verdicts_noted", "note IS NOT NULL", "clinic_id", "created_at", "analysis_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(16))
    basis: Mapped[str | None] = mapped_column(String(16))
    found_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(EncryptedText("verdicts.note"))
    blind: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
