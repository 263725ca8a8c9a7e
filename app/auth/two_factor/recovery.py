"""Recovery codes: ten of an account, each good for one sign-in, kept as digests."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.auth.two_factor.tables import RecoveryCode

COUNT = 10
LENGTH = 24  # of 32 letters: 120 random bits, so that a plain digest is enough (ASVS 5.0, 6.5.2)
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: none is taken for another
MISREAD = str.maketrans("oil", "011", "- \t\u2010\u2011\u2012\u2013\u2014\u00a0")
GROUP = 4


def renew(session: Session, *, user_id: int) -> list[str]:
    """Replace the recovery codes of an account and return the new ones, which nobody can read again."""
    remove(session, user_id=user_id)
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(COUNT)]
    session.add_all(RecoveryCode(user_id=user_id, digest=_digest(user_id, code)) for code in codes)
    session.flush()
    return ["-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP)) for code in codes]


def spend(session: Session, *, user_id: int, code: str) -> bool:
    """Use up a recovery code; False if it is none of this account, or was used before."""
    written = code.casefold().translate(MISREAD)
    found = delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.digest == _digest(user_id, written)
    )
    return session.execute(found).rowcount == 1  # type: ignore[attr-defined,no-any-return]  # of a DELETE


def remove(session: Session, *, user_id: int) -> None:
    """Make all recovery codes of an account worthless."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _digest(user_id: int, code: str) -> str:
    return hashlib.sha256(f"recovery:{user_id}:{code}".encode()).hexdigest()
