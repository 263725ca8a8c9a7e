"""What a request asks authenticators for: who the site is, a challenge, and which passkeys will do."""

from __future__ import annotations

from typing import Any

from app.auth.passkeys import challenges
from app.auth.passkeys.ceremonies import sign_in_options
from app.auth.passkeys.relying_party import RelyingParty, relying_party
from app.auth.passkeys.selectors import all_passkeys_of
from app.auth.tables import User
from app.errors import NotFoundError
from app.extensions import db


def party() -> RelyingParty:
    """Return who this site is to authenticators; NotFoundError where there can be no passkeys."""
    found = relying_party()
    if found is None:
        raise NotFoundError("There are no passkeys at this address. Please sign in with your password.")
    return found


def options_for(purpose: str, whose: User | None = None) -> dict[str, Any]:
    """Return what a browser needs to ask for a passkey: one of an account, or any of the site."""
    site = party()
    known = [] if whose is None else [passkey.credential for passkey in all_passkeys_of(db.session(), whose)]
    return sign_in_options(site, challenges.make(purpose), known=known)
