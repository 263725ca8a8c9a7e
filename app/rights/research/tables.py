"""Table of what was made out in photographs that may be exported for research."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class PhotographCheck(Base):
    """Whether a program saw something like writing in the photograph of an analysis; it goes with the analysis.

    `version` is that of the program. Whether a person has looked, and found nothing that tells who it is, stands with
    the photograph: `interop.dicom.tables.ArchivePhotograph`.
    """

    __tablename__ = "photograph_checks"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(16))
    written: Mapped[bool]
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
