"""Table of the backups that were made: when the last good one was, for whoever watches over that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime
from app.extensions import Base


class BackupMade(Base):
    """A whole backup of this site: `taken_at` is the moment that its rows are of.

    `missing` objects are named by rows, but were not in storage, so that no backup has them from then on.
    """

    __tablename__ = "backups_made"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    objects: Mapped[int]
    missing: Mapped[int]
    copied_bytes: Mapped[int] = mapped_column(BigInteger)
