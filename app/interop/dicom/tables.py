"""Table of what clinicians say of photographs that archives want to know."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class ArchivePhotograph(Base):
    """What a clinician said of the photograph of an analysis; it goes with the analysis.

    `dermoscopic` is set if it was taken through a dermatoscope; `anonymous` if somebody has looked, and nothing in it
    tells who the patient is: no face, no name, no label.
    """

    __tablename__ = "archive_photographs"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    dermoscopic: Mapped[bool]
    anonymous: Mapped[bool]
