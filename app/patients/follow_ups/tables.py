"""Table of the follow-ups."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id


class FollowUp(Base):
    """A day on which a lesion is to be looked at again; it goes with the lesion.

    `done_at` is when somebody said that it has been: such rows stay, as the record of what was done. A lesion has at
    most one that is not done. `clinic_id` is the patient's, so that one index serves what is due;
    `author_id` is who planned it last.
    """

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    lesion_id: Mapped[int] = mapped_column(ForeignKey("lesions.id", ondelete="CASCADE"))
    due: Mapped[date]
    reason: Mapped[str | None] = mapped_column(EncryptedText("follow_ups.reason", 200, listed=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


OPEN = FollowUp.done_at.is_(None)
INDEXES = (
    Index("ix_follow_ups_lesion", FollowUp.lesion_id, FollowUp.id),
    Index("ix_follow_ups_open", FollowUp.lesion_id, unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_follow_ups_due", FollowUp.clinic_id, FollowUp.due, FollowUp.id, sqlite_where=OPEN, postgresql_where=OPEN),
)
