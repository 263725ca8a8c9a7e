"""Queries for access tokens: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.api.tokens.tables import AccessToken
from app.auth.tables import User
from app.errors import NotFoundError


def tokens_of(user: User) -> Select[AccessToken]:
    """Select the access tokens of a person."""
    return select(AccessToken).where(AccessToken.owner_id == user.id)


def all_tokens_of(session: Session, user: User) -> Sequence[AccessToken]:
    """Return a person's access tokens, the newest first."""
    return session.scalars(tokens_of(user).order_by(AccessToken.id.desc())).all()


def token_of(session: Session, user: User, public_id: str) -> AccessToken:
    """Return one access token of a person; NotFoundError if there is none, or if it is another's."""
    token = session.scalar(tokens_of(user).where(AccessToken.public_id == public_id))
    if token is None:
        raise NotFoundError("There is no such access token. It may have been revoked.")
    return token
