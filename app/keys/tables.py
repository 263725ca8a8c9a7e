"""Table of the data keys: secrets by purpose, each encrypted with a master key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class DataKey(Base):
    """A secret of 32 bytes as `Keyring.wrap` made it, in Base64; of one purpose the highest number is in use."""

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("purpose", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    wrapped: Mapped[str] = mapped_column(String(128))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
