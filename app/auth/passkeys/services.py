"""What can be done with passkeys: register, check one that answers."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

import structlog
from sqlalchemy import and_, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.passkeys import challenges
from app.auth.passkeys.ceremonies import Answer, NewCredential, RefusedPasskeyError, new_sign_count
from app.auth.passkeys.relying_party import RelyingParty
from app.auth.passkeys.selectors import passkeys_of
from app.auth.passkeys.tables import Passkey
from app.auth.tables import User
from app.clock import now
from app.errors import AppError

MOST = 20  # of one account
HANDLE = 32  # random bytes
NOBODYS = "This passkey doesn't open an account here. Sign in with your password instead."

log = structlog.get_logger(__name__)


class TooManyPasskeysError(AppError):
    """The account has as many passkeys as anybody needs."""

    status = 422
    title = "There are too many passkeys"


def handle_of(session: Session, user: User) -> bytes:
    """Return what an account is called in authenticators: as in its other passkeys, or something random."""
    handle: bytes | None = session.scalar(passkeys_of(user).with_only_columns(Passkey.handle).limit(1))
    return secrets.token_bytes(HANDLE) if handle is None else handle


def register(session: Session, *, user: User, name: str, handle: bytes, made: NewCredential) -> Passkey:
    """Keep a passkey that was just made; TooManyPasskeysError, RefusedPasskeyError if it is registered already."""
    if (session.scalar(select(func.count()).select_from(passkeys_of(user).subquery())) or 0) >= MOST:
        raise TooManyPasskeysError(f"An account has up to {MOST} passkeys. Please remove one first.")
    passkey = Passkey(
        public_id=secrets.token_urlsafe(16),
        user_id=user.id,
        credential=made.credential,
        handle=handle,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
    )
    session.add(passkey)
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise RefusedPasskeyError("This passkey is registered already.") from error
    return passkey


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose passkey has answered rightly. `doubtful` if it may be a copy, in which case it opens nothing."""

    user: User
    passkey_id: int
    doubtful: bool


def check(
    session: Session, party: RelyingParty, challenge: bytes, answer: Answer, *, whose: User | None = None
) -> Checked:
    """Tell whose passkey has answered a challenge, and use the challenge up; RefusedPasskeyError, one sentence for all.

    With `whose`, only a passkey of that account will do. The caller commits whatever comes out.
    """
    found = session.execute(
        select(Passkey, User).join(User, User.id == Passkey.user_id).where(Passkey.credential == answer.credential)
    ).one_or_none()
    if found is None or (whose is not None and found.User.id != whose.id) or not found.User.is_active:
        raise RefusedPasskeyError(NOBODYS)
    passkey, user = found.Passkey, found.User
    if answer.handle is not None and not hmac.compare_digest(answer.handle, passkey.handle):
        raise RefusedPasskeyError(NOBODYS)
    count = new_sign_count(party, challenge, answer, public_key=passkey.public_key)
    passkey_id = passkey.id
    if not challenges.spend(session, challenge):
        raise RefusedPasskeyError(NOBODYS)
    return Checked(user, passkey_id, doubtful=not _counted(session, passkey_id, count))


def _counted(session: Session, passkey_id: int, count: int) -> bool:
    """Keep the counter of an answer; False, and the passkey is doubted, if it isn't newer (WebAuthn 6.1.1)."""
    this = update(Passkey).where(Passkey.id == passkey_id).execution_options(synchronize_session=False)
    newer = or_(Passkey.sign_count < count, and_(Passkey.sign_count == 0, literal(count) == 0))
    used = session.execute(this.where(newer).values(sign_count=count, last_used_at=now()))
    if used.rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE has one
        return True
    session.execute(this.values(doubted_at=now()))
    log.warning("passkey_counter_went_back", passkey=passkey_id)
    return False
