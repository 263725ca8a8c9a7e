"""Table of the deliveries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id

WAITING, SENDING, SENT, FAILED, CANCELLED = STATES = ("waiting", "sending", "sent", "failed", "cancelled")
LONGEST_REASON, LONGEST_REFERENCE = 400, 200  # characters


class Delivery(Base):
    """An analysis that is to be, or was, sent to another system; it goes with the analysis.

    `destination` is a code of `destinations.KINDS`. An analysis has at most one delivery to each that is open: WAITING,
    and tried from `next_attempt_at` on, or SENDING, and a worker's until `leased_until`. `attempts` counts since it was
    asked for. `reason` is a sentence for people, why the last attempt failed; `reference` is what the other side calls
    what it was sent.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    destination: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(EncryptedText("deliveries.reason", LONGEST_REASON, listed=True))
    reference: Mapped[str | None] = mapped_column(EncryptedText("deliveries.reference", LONGEST_REFERENCE, listed=True))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


OPEN = Delivery.state.in_((WAITING, SENDING))
INDEXES = (
    Index("ix_deliveries_analysis", Delivery.analysis_id, Delivery.id),
    Index(
        "ix_deliveries_open",
        Delivery.analysis_id,
        Delivery.destination,
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    ),
    Index("ix_deliveries_due", Delivery.state, Delivery.next_attempt_at),
)
