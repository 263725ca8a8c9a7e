"""Tables of the accounts."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class User(UserMixin, Base):  # type: ignore[misc]  # Flask-Login is untyped
    """A person who may sign in. `email` is kept in lower case and is unique.

    `blind` is set while the person wants to see an answer only after entering an own assessment, `blind_since` when
    that was chosen last.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    session_token: Mapped[str] = mapped_column(String(64), unique=True)
    blind_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    def get_id(self) -> str:
        """Return what the session cookie names the person by: a token that sign-out everywhere can change."""
        return self.session_token

    @property
    def blind(self) -> bool:
        """Whether answers are hidden until the person has entered an own assessment."""
        return self.blind_since is not None

    @blind.setter
    def blind(self, wanted: bool) -> None:
        if wanted != self.blind:
            self.blind_since = now() if wanted else None


class FailedSignIn(Base):
    """One failed sign-in, counted against the account and the address it came from (both as digests)."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (
        Index("ix_failed_sign_ins_account", "account", "at"),
        Index("ix_failed_sign_ins_address", "address", "at"),
        Index("ix_failed_sign_ins_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
