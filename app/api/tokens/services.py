"""What can be done with access tokens: issue one, look one up, count its requests. The caller commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from app.api.tokens.secrets import digest_of, is_well_formed, new_token, shown_of
from app.api.tokens.selectors import tokens_of
from app.api.tokens.tables import AccessToken
from app.auth.credentials import revocation
from app.auth.tables import User
from app.clinics.leaving import on_leaving
from app.clock import now
from app.errors import AppError
from app.public_ids import new_public_id

MOST_TOKENS = 50
SECONDS = 60


class IssuedBeforeError(AppError):
    """The same form has made a token before."""

    status = 409
    title = "This token was made before"

    def __init__(self, row: AccessToken) -> None:
        super().__init__("This token was made before. It can't be shown again.")
        self.row = row


class TooManyTokensError(AppError):
    """A person has as many access tokens as anybody may have."""

    status = 409
    title = "There are too many access tokens"


def issue(
    session: Session, *, owner: User, name: str, scope: str, lifetime: timedelta | None, public_id: str | None = None
) -> tuple[AccessToken, str]:
    """Make an access token and flush its row; return it with the token, which can't be had again.

    `lifetime` is None for one that lasts until it is revoked. `public_id` is drawn if it isn't given, or another's;
    IssuedBeforeError if the person has a token of this id. TooManyTokensError.
    """
    earlier = session.scalar(select(AccessToken).where(AccessToken.public_id == public_id))
    if earlier is not None and earlier.owner_id == owner.id:
        raise IssuedBeforeError(earlier)
    count = session.scalar(select(func.count()).select_from(tokens_of(owner).subquery())) or 0
    if count >= MOST_TOKENS:
        raise TooManyTokensError(f"You have {MOST_TOKENS} access tokens, which is the most. Please revoke one first.")
    token = new_token()
    row = AccessToken(
        public_id=new_public_id() if public_id is None or earlier is not None else public_id,
        owner_id=owner.id,
        name=name,
        digest=digest_of(token),
        shown=shown_of(token),
        scope=scope,
        expires_at=None if lifetime is None else now() + lifetime,
    )
    session.add(row)
    session.flush()
    return row, token


def token_row(session: Session, token: str) -> AccessToken | None:
    """Return the row of a token, with its owner; None if nobody's, or revoked."""
    if not is_well_formed(token):
        return None
    return session.scalar(select(AccessToken).where(AccessToken.digest == digest_of(token)))


def count_request(session: Session, token_id: int, at: datetime) -> int:
    """Count a request of a token, note when it was, and return the how manieth of its minute it is."""
    minute = minute_of(at)
    counted = case((AccessToken.minute == minute, AccessToken.requests + 1), else_=1)
    used = update(AccessToken).where(AccessToken.id == token_id).execution_options(synchronize_session=False)
    return (
        session.scalar(  # one statement, so that two requests at once can't be counted as one
            used.values(requests=counted, minute=minute, last_used_at=at).returning(AccessToken.requests)
        )
        or 0
    )


def minute_of(at: datetime) -> int:
    """Return the minute of a moment, counted from 1970."""
    return int(at.timestamp()) // SECONDS


def seconds_left(at: datetime) -> int:
    """Return in how many seconds the next minute begins; at least 1."""
    return SECONDS - int(at.timestamp()) % SECONDS


@on_leaving
@revocation
def revoke_all(session: Session, user: User) -> None:
    """Revoke the tokens of a person, such as one who leaves the clinic: what uses them was set up to work for it."""
    session.execute(delete(AccessToken).where(AccessToken.owner_id == user.id))
