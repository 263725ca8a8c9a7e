"""Tables of the batches: many photographs that are worked on one after the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.decoding.names import LONGEST_NAME
from app.encrypted import EncryptedJSON, EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id

WAITING, RUNNING, DONE, FAILED, CANCELLED = STATES = ("waiting", "running", "done", "failed", "cancelled")


class Batch(Base):
    """Photographs that one clinician has sent together; work begins once all have been sent, at `started_at`.

    Who is photographed is told by the spreadsheet that came along, and where that says nothing by `naming`, a code of
    `sending.naming`: with ONE all are of whoever is called `patient_name`, or, if the patient was `chosen`, of
    `patient_id`, who may be gone meanwhile. `rows` is the spreadsheet, kept until the start and deferred by the
    selectors; `unmatched` then names those of its files that were not sent. `turn` is that of the job that may work on
    the batch, `due` when that job has got lost if nothing was heard of it.
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index("ix_batches_clinic_created", "clinic_id", "created_at", "id"),
        Index("ix_batches_patient", "patient_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    label: Mapped[str | None] = mapped_column(EncryptedText("batches.label", 120, listed=True))
    model_name: Mapped[str] = mapped_column(String(64))
    naming: Mapped[str] = mapped_column(String(16))
    chosen: Mapped[bool] = mapped_column(default=False)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id", ondelete="SET NULL"))
    patient_name: Mapped[str | None] = mapped_column(EncryptedText("batches.patient_name", 120))
    rows: Mapped[list[list[str | int | None]] | None] = mapped_column(EncryptedJSON("batches.rows"))
    unmatched: Mapped[list[str]] = mapped_column(EncryptedJSON("batches.unmatched"), default=list)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    turn: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchItem(Base):
    """One file of a batch; it goes with the batch, and with the test that was made of it.

    `name` is what the file was called, for people to read and for the spreadsheet: it is never a path of ours. `key`
    tells the files of a batch apart. `kept` says that storage has the file as it was sent: until it is done, refused,
    or given up. `retryable` marks a failure that another attempt may mend. A running item belongs to a worker until
    `leased_until`. Who and what is photographed is None where nothing was said of it, or where the batch says it for
    all; once the item is done the test has it, and it is no longer kept here.
    """

    __tablename__ = "batch_items"
    __table_args__ = (
        UniqueConstraint("batch_id", "key"),
        Index("ix_batch_items_batch_state", "batch_id", "state", "id"),
        Index("ix_batch_items_analysis", "analysis_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(EncryptedText("batch_items.name", LONGEST_NAME, listed=True))
    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    reason: Mapped[str | None] = mapped_column(EncryptedText("batch_items.reason", 400, listed=True))
    retryable: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    patient_name: Mapped[str | None] = mapped_column(EncryptedText("batch_items.patient_name", 120))
    age: Mapped[int | None]
    sex: Mapped[str | None] = mapped_column(String(16))
    body_site: Mapped[str | None] = mapped_column(String(32))
    analysis_id: Mapped[int | None] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))


def original_key(public_id: str) -> str:
    """Return the storage key of an item's file as it was sent."""
    return f"batches/{public_id}"
