"""Tables of the second step: authenticator apps, recovery codes, and sign-ins that wait for their second step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import UtcDateTime, now
from app.extensions import Base


class AuthenticatorApp(Base):
    """The key that an account shares with an authenticator app, sealed (see `sealing`).

    `secret` counts, since `confirmed_at`; `candidate` is a key that was shown at `candidate_at` and that no code has
    confirmed yet. `last_step` is the newest time step (RFC 6238) whose code was accepted: no code counts twice.
    `failures` counts the attempts since the last that was right.
    """

    __tablename__ = "authenticator_apps"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    candidate: Mapped[bytes | None] = mapped_column(LargeBinary)
    candidate_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """One recovery code of an account: its digest; a used one is deleted."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "digest", name="uq_recovery_codes_user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))


class PendingSignIn(Base):
    """A sign-in whose password was right and whose second step is awaited; it opens nothing.

    `digest` is of the token in the browser's cookie, `fingerprint` of the password that was right: once the account has
    another password, the sign-in begins anew.
    """

    __tablename__ = "pending_sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
