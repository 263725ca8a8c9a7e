"""Table of the periodic jobs: in which period each was last sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class PeriodicJob(Base):
    """A job that is sent by the clock; `period` is the number of periods from 1970 until it was sent last."""

    __tablename__ = "periodic_jobs"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    period: Mapped[int] = mapped_column(BigInteger)
