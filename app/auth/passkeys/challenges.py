"""Challenges: in the browser's signed cookie until they are answered; each for one thing, one answer, five minutes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import session
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from app.auth.passkeys.tables import SpentChallenge
from app.clock import now

KEY = "passkey_challenge"
LIFETIME = timedelta(minutes=5)
BYTES = 32


def make(purpose: str) -> bytes:
    """Return a new challenge for one purpose, in place of one before."""
    challenge = secrets.token_bytes(BYTES)
    until = int((now() + LIFETIME).timestamp())
    session[KEY] = {**session.get(KEY, {}), purpose: [bytes_to_base64url(challenge), until]}
    return challenge


def take(purpose: str) -> bytes | None:
    """Return this browser's challenge for a purpose and forget it; None if there is none, or it was too long ago."""
    kept = dict(session.get(KEY, {}))
    challenge, until = kept.pop(purpose, ("", 0))
    session[KEY] = kept
    return base64url_to_bytes(challenge) if until > now().timestamp() else None


def spend(database: Session, challenge: bytes) -> bool:
    """Remember that a challenge was answered; False, and all rolled back, if it was before, with a copied cookie."""
    database.execute(delete(SpentChallenge).where(SpentChallenge.until <= now()))
    database.add(SpentChallenge(digest=hashlib.sha256(challenge).hexdigest(), until=now() + LIFETIME))
    try:
        database.flush()
    except IntegrityError:  # asked of the database alone: two may come at the same time
        database.rollback()
        return False
    return True
