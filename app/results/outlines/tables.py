"""Tables of the outlines, of attempts at them, and of the scales."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class LesionOutline(Base):
    """What one version of the outlining network made out in the photograph of an analysis, and what was measured.

    `polygon` is closed, each point a fraction of the photograph's width and height. Lengths and areas are in pixels of
    the kept photograph. Where the outline was not believed `refused` says why, a code of `wording.REFUSALS`; the
    polygon is empty then, and nothing is measured. The columns are those of `inference.Outline` and its `Measures`.
    """

    __tablename__ = "outlines"
    __table_args__ = (Index("ix_outlines_version", "version", "analysis_id"),)

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    confidence: Mapped[float]
    polygon: Mapped[list[list[float]]] = mapped_column(JSON)
    refused: Mapped[str | None] = mapped_column(String(16))
    area: Mapped[float | None]
    diameter: Mapped[float | None]
    asymmetry: Mapped[float | None]
    irregularity: Mapped[float | None]
    notching: Mapped[float | None]
    colour_spread: Mapped[float | None]
    colours: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    hair: Mapped[float | None]
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class OutlineAttempt(Base):
    """That the outlining of a photograph was begun again, how often so far, and that it may be from `next_at` on.

    The first attempt writes nothing; the row goes once the photograph has an outline, or is given up.
    """

    __tablename__ = "outline_attempts"

    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Scale(Base):
    """A length that somebody drew on the photograph of an analysis; rows are added, never changed: the newest counts.

    The end points are fractions of the photograph's width and height. A row without a length takes the scale away.
    `author_name` stays when accounts go.
    """

    __tablename__ = "scales"
    __table_args__ = (Index("ix_scales_analysis", "analysis_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(120))
    start_x: Mapped[float | None]
    start_y: Mapped[float | None]
    end_x: Mapped[float | None]
    end_y: Mapped[float | None]
    millimetres: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
