"""Table of the saved filters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id


class SavedFilter(Base):
    """What one person asks the history for: `query` is that of the history's address, as its form wrote it then."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(EncryptedText("saved_filters.query"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
