"""Table of the erasures: tombstones, which outlive what they are of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base

BATCH, PATIENT, LESION, TEST = KINDS = ("batch", "patient", "lesion", "test")  # in the order of erasing again


class Erasure(Base):
    """That something was erased: its kind, a code of KINDS, and the random id that it had; nothing else of it.

    `filed_at` is set once the file beside the database says the same.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        UniqueConstraint("kind", "public_id"),
        Index(
            "ix_erasures_unfiled",
            "id",
            sqlite_where=text("filed_at IS NULL"),
            postgresql_where=text("filed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    public_id: Mapped[str] = mapped_column(String(32))
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
