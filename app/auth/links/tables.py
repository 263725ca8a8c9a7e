"""Table of the links that were mailed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class Link(Base):
    """A link that can be used once, until `expires_at`; of its token only the `digest` is kept, once it is mailed.

    `purpose` says what it does, to the account of `user_id`, or to one that does not exist yet: then `name`, `email`
    and `password_hash` are what that will have. The row goes when the link is used.
    """

    __tablename__ = "links"
    __table_args__ = (Index("ix_links_user", "user_id"), Index("ix_links_expires_at", "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
