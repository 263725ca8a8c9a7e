"""Tables of the accounts."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import UtcDateTime, now
from app.extensions import Base


class User(UserMixin, Base):  # type: ignore[misc]  # Flask-Login is untyped
    """A person who may sign in. `email` is kept in lower case and is unique.

    `blind` is set while the person wants to see an answer only after entering an own assessment, `blind_since` when
    that was chosen last. Whoever has a `disabled_at` can't sign in, and nor can their programs.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    blind_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def is_active(self) -> bool:
        """Whether the account may be used; Flask-Login and the gate take nobody else for signed in."""
        return self.disabled_at is None

    @property
    def blind(self) -> bool:
        """Whether answers are hidden until the person has entered an own assessment."""
        return self.blind_since is not None

    @blind.setter
    def blind(self, wanted: bool) -> None:
        if wanted != self.blind:
            self.blind_since = now() if wanted else None


class SignIn(Base):
    """One sign-in on one device; the token in its cookie is not kept, only its `digest`.

    `proved_at` is when the person last proved to be who they are, `how` by which means they signed in. `browser` and
    `address` (the network's) are for the person to recognise it by.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_user", "user_id", "id"), Index("ix_sign_ins_ends_at", "ends_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    how: Mapped[str] = mapped_column(String(40))
    browser: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


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
