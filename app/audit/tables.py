"""Tables of the audit log: its events, and the one row that says where it begins and ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.chain import NOTHING, Head
from app.audit.guards import guard
from app.clock import UtcDateTime
from app.extensions import Base

POSITION = BigInteger().with_variant(Integer, "sqlite")
UNDONE = text("outcome != 'done'")
THE_HEAD = 1  # the id of the only head


class AuditEvent(Base):
    """Who did what, when, to what, from where, and how it turned out; it never changes.

    `action` is one of `events.ACTIONS`, `operation` the endpoint, job or command. Ids are random ones of addresses, but
    for `actor_id` and `clinic_id`; nothing refers to other rows, for the log outlives them. `patient_id` is the public
    id of the patient whom it is about. `details` is JSON as `chain.details_text` writes it: ids, counts and names of
    columns, never what is in them.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_clinic", "clinic_id", "position"),
        Index("ix_audit_events_actor", "actor_id", "position"),
        Index("ix_audit_events_patient", "patient_id", "position"),
        Index("ix_audit_events_action", "clinic_id", "action", "position"),
        Index("ix_audit_events_at", "at"),
        Index("ix_audit_events_undone", "clinic_id", "position", sqlite_where=UNDONE, postgresql_where=UNDONE),
    )

    position: Mapped[int] = mapped_column(POSITION, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(16))
    operation: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(8))
    status: Mapped[int | None]
    actor_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(16))
    clinic_id: Mapped[int | None]
    subject_kind: Mapped[str | None] = mapped_column(String(16))
    subject_id: Mapped[str | None] = mapped_column(String(64))
    patient_id: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(45))
    agent: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(80))
    request_id: Mapped[str | None] = mapped_column(String(16))
    details: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the log, and where it begins once the oldest events are pruned; `seal` proves who wrote it."""

    __tablename__ = "audit_heads"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(POSITION)
    hash: Mapped[str] = mapped_column(String(64))
    start: Mapped[int] = mapped_column(POSITION, default=0)
    start_hash: Mapped[str] = mapped_column(String(64), default=NOTHING)
    anchored: Mapped[int] = mapped_column(POSITION, default=0)
    seal: Mapped[str] = mapped_column(String(64))


HEAD_COLUMNS = tuple(getattr(AuditHead, name) for name in Head._fields)

guard(AuditEvent.metadata.tables["audit_events"], AuditHead.metadata.tables["audit_heads"])
