"""Table of the consents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base

EARLIEST_YEAR = 1900
CARE, RESEARCH = "care", "research"
USES: Mapping[str, str] = MappingProxyType({CARE: "Care with Lentigo", RESEARCH: "Research"})
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        CARE: "Photographs are taken, looked at with the help of a classifier, and kept in the record.",
        RESEARCH: "Photographs and findings may be part of pseudonymised research exports.",
    }
)
WAYS: Mapping[str, str] = MappingProxyType(
    {"paper": "On paper", "verbal": "By word of mouth", "electronic": "Electronically"}
)


class Consent(Base):
    """That a patient gave consent to a use, or withdrew it; rows are added, never changed: the newest is in force.

    `purpose` is a code of USES, `how` one of WAYS; `day` is when the patient said so, `form_version` names the form
    that was read or signed. `author_name` stays when accounts go.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_patient", "patient_id", "purpose", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))
    given: Mapped[bool]
    day: Mapped[date]
    how: Mapped[str] = mapped_column(String(16))
    form_version: Mapped[str | None] = mapped_column(String(60))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def is_possible(day: date) -> bool:
    """Tell whether a patient can have said something on a day."""
    return day.year >= EARLIEST_YEAR and day <= now().date()
