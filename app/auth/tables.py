"""Tables of the accounts, and of the clinics that they belong to."""

from __future__ import annotations

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import UtcDateTime, now
from app.extensions import Base
from app.public_ids import new_public_id
from app.security.roles import ADMINISTRATOR, AUDITOR, WORKING


class Clinic(Base):
    """Whose the patients are, with all that is kept of them: the members see it, and nobody else does."""

    __tablename__ = "clinics"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(140))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


ONLY = 1  # the id of a row that can be there once


class User(UserMixin, Base):  # type: ignore[misc]  # Flask-Login is untyped
    """A person who may sign in. `email` is kept in lower case and is unique.

    `blind` is set while the person wants to see an answer only after entering an own assessment, `blind_since` when
    that was chosen last. `role` is one of `security.roles`, in the clinic. Whoever has a `disabled_at` can't sign in,
    and nor can their programs. An account is never deleted once somebody has worked with it: it is disabled, and stays
    the author of what was done; the database holds that, see `guards`.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_public_id", "public_id", unique=True),
        Index("ix_users_clinic", "clinic_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    public_id: Mapped[str] = mapped_column(String(32), default=new_public_id, nullable=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), nullable=True)  # without one nobody can sign in
    role: Mapped[str] = mapped_column(String(16), server_default=AUDITOR)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blind_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    clinic: Mapped[Clinic] = relationship()

    @property
    def is_active(self) -> bool:
        """Whether the account may be used; Flask-Login takes nobody for signed in who isn't."""
        return self.disabled_at is None and self.clinic_id is not None

    @property
    def works(self) -> bool:
        """Whether the person may change what is the clinic's."""
        return self.role in WORKING

    @property
    def manages(self) -> bool:
        """Whether the person may manage the clinic and its members."""
        return self.role == ADMINISTRATOR

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


class FirstAccount(Base):
    """The account that a site was begun with where others can't just be made; of two at once, one has the only row."""

    __tablename__ = "first_accounts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


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
