"""Proving it again with a passkey."""

from __future__ import annotations

from app.auth.passkeys import challenges, services
from app.auth.passkeys.asking import party
from app.auth.passkeys.ceremonies import RefusedPasskeyError, answer_of
from app.auth.passkeys.relying_party import relying_party
from app.auth.passkeys.selectors import all_passkeys_of
from app.auth.proof import proof
from app.auth.tables import User
from app.extensions import db

PROOF = "proof"


def _is_offered(user: User) -> bool:
    """Tell whether the person has a passkey, and it can be used at this address."""
    return relying_party() is not None and bool(all_passkeys_of(db.session(), user))


@proof("passkey", wrong=services.NOBODYS, offered=_is_offered)
def is_passkey(user: User, written: str) -> bool:
    """Tell whether a passkey of the person has answered this browser's challenge."""
    challenge = challenges.take(PROOF)
    if challenge is None:
        return False
    try:
        checked = services.check(db.session(), party(), challenge, answer_of(written), whose=user)
    except RefusedPasskeyError:
        return False
    return not checked.doubtful
