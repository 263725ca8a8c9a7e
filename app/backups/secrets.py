"""The key of one backup: made for it, wrapped by the master key; it encrypts what is listed, and seals the manifest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.backups.errors import BackupError, TamperedBackupError
from app.keys import Keyring, TamperedError, UnknownKeyError
from app.keys.keyring import KEY_BYTES, NONCE_BYTES

WRONG_KEY = (
    "This site does not have the master key under which the backup was made. Put that key into LENTIGO_MASTER_KEY, or "
    "into its file, behind the present one."
)
CHANGED = "The manifest of the backup {0} is not the one that Lentigo wrote: it was changed, or belongs to another."


@dataclass(frozen=True)
class Secret:
    """The key of the backup that is called `backup_id`, and how it stands in the manifest."""

    backup_id: str
    wrapped: bytes
    _key: bytes = field(repr=False)

    @classmethod
    def new(cls, keyring: Keyring, backup_id: str) -> Secret:
        """Make the key of a new backup."""
        key = secrets.token_bytes(KEY_BYTES)
        return cls(backup_id, keyring.wrap(key, context=_context(backup_id)), key)

    @classmethod
    def of(cls, keyring: Keyring, backup_id: str, wrapped: bytes) -> Secret:
        """Unwrap the key of a backup; BackupError without its master key, TamperedBackupError if it was changed."""
        try:
            return cls(backup_id, wrapped, keyring.unwrap(wrapped, context=_context(backup_id)))
        except UnknownKeyError as error:
            raise BackupError(WRONG_KEY) from error
        except TamperedError as error:
            raise TamperedBackupError(CHANGED.format(backup_id)) from error

    def encrypt(self, name: str, content: bytes) -> bytes:
        """Encrypt a part of the backup, which opens nowhere but under its name."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._of("parts")).encrypt(nonce, content, name.encode())

    def decrypt(self, name: str, content: bytes) -> bytes:
        """Return what was encrypted; TamperedBackupError if it is not what was written there."""
        nonce, sealed = content[:NONCE_BYTES], content[NONCE_BYTES:]
        try:
            return AESGCM(self._of("parts")).decrypt(nonce, sealed, name.encode())
        except (InvalidTag, ValueError) as error:
            raise TamperedBackupError(f"{name} is damaged, or is not what Lentigo wrote there.") from error

    def seal(self, content: bytes) -> str:
        """Return what proves that the manifest was written by whoever has the master key."""
        return hmac.digest(self._of("manifest"), content, hashlib.sha256).hex()

    def _of(self, purpose: str) -> bytes:
        return hmac.digest(self._key, f"lentigo: backup {purpose} {self.backup_id}".encode(), hashlib.sha256)


def _context(backup_id: str) -> bytes:
    return f"lentigo: backup {backup_id}".encode()
