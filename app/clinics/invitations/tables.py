"""Table of the invitations that are open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.tables import Clinic, User
from app.clock import UtcDateTime, now
from app.extensions import Base
from app.public_ids import new_public_id


class Invitation(Base):
    """Who may make an account in a clinic, in which role; of the link's token only the `digest` is kept.

    The row goes when the invitation is accepted or revoked. It counts only while `inviter` manages the clinic.
    """

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_clinic", "clinic_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    inviter_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    clinic: Mapped[Clinic] = relationship(lazy="joined", innerjoin=True)
    inviter: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at <= now()
