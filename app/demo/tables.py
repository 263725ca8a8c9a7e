"""Table of what the demonstration made."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class DemoRecord(Base):
    """A row that the demonstration made: `kind` is its table, `key` its public id, of an account the e-mail address.

    Not the row's id, which SQLite gives to another row once the row is gone.
    """

    __tablename__ = "demo_records"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(254), primary_key=True)
