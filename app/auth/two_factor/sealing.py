"""Seal the keys of authenticator apps: a copy of the database alone makes no codes."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from app.keys import TamperedError, data_keys_of

PURPOSE = "factors"
NUMBER = 2  # bytes that say with which data key
NONCE = 12  # bytes, random for each sealing (NIST SP 800-38D, 8.2.2)


def seal(session: Session, secret: str, *, user_id: int) -> bytes:
    """Return a secret sealed for one account: number of the data key, nonce, AES-256-GCM's ciphertext and tag."""
    keys = data_keys_of(session)
    number, nonce = keys.newest(PURPOSE), secrets.token_bytes(NONCE)
    sealed = AESGCM(keys.secret(PURPOSE, number)).encrypt(nonce, secret.encode(), _belongs_to(user_id))
    return number.to_bytes(NUMBER) + nonce + sealed


def unseal(session: Session, kept: bytes, *, user_id: int) -> str:
    """Return the secret; TamperedError if it was changed, or was sealed for another account."""
    number, nonce, sealed = kept[:NUMBER], kept[NUMBER : NUMBER + NONCE], kept[NUMBER + NONCE :]
    key = data_keys_of(session).secret(PURPOSE, int.from_bytes(number))
    try:
        return AESGCM(key).decrypt(nonce, sealed, _belongs_to(user_id)).decode()
    except (InvalidTag, ValueError) as error:
        raise TamperedError from error


def _belongs_to(user_id: int) -> bytes:
    return f"lentigo: authenticator app of account {user_id}".encode()
