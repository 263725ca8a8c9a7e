"""What can be done with authenticator apps: set up, confirm, check a code, remove."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Update

from app.auth.two_factor import codes, sealing
from app.auth.two_factor.tables import AuthenticatorApp
from app.clock import now

CANDIDATE_LASTS = timedelta(minutes=15)
MOST_FAILURES = 100  # in a row (NIST SP 800-63B-4, 3.2.2): by then a patient guesser has had one chance in 3,000


def candidate(session: Session, *, user_id: int) -> str | None:
    """Return the key that waits to be confirmed; None if there is none, or it was shown too long ago."""
    app = _app(session, user_id)
    if app is None or app.candidate is None or app.candidate_at is None or app.candidate_at <= now() - CANDIDATE_LASTS:
        return None
    return sealing.unseal(session, app.candidate, user_id=user_id)


def start(session: Session, *, user_id: int) -> None:
    """Make a key to be confirmed, unless one waits already, so that two tabs show the same.

    IntegrityError at the flush if another request has just done so.
    """
    if candidate(session, user_id=user_id) is not None:
        return
    app = _app(session, user_id) or AuthenticatorApp(user_id=user_id)
    app.candidate = sealing.seal(session, codes.new_secret(), user_id=user_id)
    app.candidate_at = now()
    session.add(app)
    session.flush()


def confirm(session: Session, *, user_id: int, code: str) -> bool:
    """Let the waiting key count, in place of one before, if the code is its; the code is used up with that."""
    secret, app = candidate(session, user_id=user_id), _app(session, user_id)
    step = None if secret is None else codes.matching_step(secret, code, now())
    if app is None or step is None:
        return False
    counts = {"secret": app.candidate, "confirmed_at": now(), "candidate": None, "candidate_at": None}
    waiting = _of(user_id).where(AuthenticatorApp.candidate == app.candidate)
    return _changed(session, waiting.values(**counts, last_step=step, failures=0))


def accept_code(session: Session, *, user_id: int, code: str) -> bool:
    """Tell whether this is a code of the account's app that was not used before, and use it up.

    Of two who send one code at the same time, one is refused. After MOST_FAILURES in a row all are.
    """
    app = _app(session, user_id)
    if app is None or app.secret is None or app.failures > MOST_FAILURES:
        return False
    step = codes.matching_step(sealing.unseal(session, app.secret, user_id=user_id), code, now())
    if step is None:
        return False
    unused = _of(user_id).where(AuthenticatorApp.secret == app.secret, AuthenticatorApp.last_step < step)
    return _changed(session, unused.values(last_step=step))


def count_attempt(session: Session, *, user_id: int) -> int:
    """Count an attempt as failed, before it is judged; return how many there are in a row, 0 without an app."""
    _changed(session, _of(user_id).values(failures=AuthenticatorApp.failures + 1))
    failures: int | None = session.scalar(select(AuthenticatorApp.failures).where(AuthenticatorApp.user_id == user_id))
    return failures or 0


def forgive(session: Session, *, user_id: int) -> None:
    """Count from nought again, after a second step that was right."""
    _changed(session, _of(user_id).values(failures=0))


def remove(session: Session, *, user_id: int) -> None:
    """Forget the authenticator app of an account."""
    session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user_id))


def _app(session: Session, user_id: int) -> AuthenticatorApp | None:
    return session.get(AuthenticatorApp, user_id, populate_existing=True)


def _of(user_id: int) -> Update:
    return update(AuthenticatorApp).where(AuthenticatorApp.user_id == user_id)


def _changed(session: Session, change: Update) -> bool:
    done = session.execute(change.execution_options(synchronize_session=False))
    return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE has one
