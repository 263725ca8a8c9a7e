"""Tables of the patients and their lesions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.encrypted import EncryptedText
from app.extensions import Base
from app.public_ids import new_public_id


class Patient(Base):
    """A patient of one clinic; several may have the same name.

    `name` is a name or a reference, `name_key` its folded form, as analyses have it. `skin_type` is Fitzpatrick's, 1 to
    6. `archived_at` is set while lists leave the patient out. The database lets nobody go with whom an analysis is
    still kept, nor a lesion: whoever removes one says what becomes of the analyses.
    """

    __tablename__ = "patients"
    __table_args__ = (Index("ix_patients_clinic_name", "clinic_id", "name_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(EncryptedText("patients.name", 120, listed=True))
    name_key: Mapped[str] = mapped_column(String(240))
    birth_year: Mapped[int | None]
    sex: Mapped[str | None] = mapped_column(String(16))
    skin_type: Mapped[int | None]
    notes: Mapped[str | None] = mapped_column(EncryptedText("patients.notes"))
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Lesion(Base):
    """A place on a patient's skin that is looked at again; it goes with the patient.

    `site` is a body site in the words of HAM10000. `side` (front or back), `x` and `y` are its place on the body map,
    in fractions of the figure's width and height from the upper left: all three, or none.
    """

    __tablename__ = "lesions"
    __table_args__ = (Index("ix_lesions_patient", "patient_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(80))
    site: Mapped[str | None] = mapped_column(String(32))
    side: Mapped[str | None] = mapped_column(String(5))
    x: Mapped[float | None]
    y: Mapped[float | None]
    first_noticed: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(EncryptedText("lesions.note"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class FormerRecord(Base):
    """The random id of a record that became part of a patient's when the two were merged."""

    __tablename__ = "former_records"

    public_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), index=True)


class FormerKeeping(Base):
    """That a test was kept with a patient until it was moved: reports that were issued before bear that name."""

    __tablename__ = "former_keepings"
    __table_args__ = (Index("ix_former_keepings_analysis", "analysis_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
