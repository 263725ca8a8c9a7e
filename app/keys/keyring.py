"""The master keys: they encrypt data keys (wrap them), and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import DontWrapMixin

from app.errors import AppError

KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
READ_AGAIN_AFTER = 60  # seconds
WRAPPED_BYTES = ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES


class UnreadableError(AppError, DontWrapMixin):
    """What was encrypted can't be read: the key is not here, or the content is not what was written."""

    status = 503
    kind = "unreadable"
    title = "This can't be read at the moment"


class UnknownKeyError(UnreadableError):
    """There is no master key by which something was encrypted."""

    def __init__(self) -> None:
        super().__init__(
            "What is kept here is encrypted with a key that the site doesn't have. Please tell your administrator."
        )


class TamperedError(UnreadableError):
    """What was encrypted was changed, or stands in another place than it was written to."""

    def __init__(self) -> None:
        super().__init__("What is kept here was changed by somebody else than Lentigo. Please tell your administrator.")


class Keyring:
    """The master keys, the newest first.

    `read` is asked again when something needs a key that isn't here, and before something is encrypted more than
    READ_AGAIN_AFTER seconds later: each process finds a key that is put in front of the others while it runs.
    """

    def __init__(self, read: Callable[[], Sequence[bytes]]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._keys: dict[bytes, bytes] = {}
        self._read_at = 0.0

    def wrap(self, data_key: bytes, *, context: bytes) -> bytes:
        """Encrypt a data key of 32 bytes for one use, with AES-256-GCM: key id, nonce, ciphertext and tag."""
        key_id, key = self._newest()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return key_id + nonce + AESGCM(key).encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the data key; UnknownKeyError or TamperedError if it can't be had."""
        key = self._key(wrapped[:ID_BYTES])
        nonce, sealed = wrapped[ID_BYTES : ID_BYTES + NONCE_BYTES], wrapped[ID_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, context)
        except (InvalidTag, ValueError) as error:
            raise TamperedError from error

    def is_newest(self, wrapped: bytes) -> bool:
        """Tell whether a data key was wrapped with the newest master key."""
        return wrapped[:ID_BYTES] == self._newest()[0]

    def read_again(self) -> None:
        """Take the master keys from where they are kept, as they are now."""
        keys = {id_of(key): key for key in self._read()}
        with self._lock:
            self._keys, self._read_at = keys, time.monotonic()

    @property
    def ids(self) -> list[str]:
        """What the master keys are called, the newest first."""
        self.read_again()
        return [key_id.hex() for key_id in self._keys]

    def _newest(self) -> tuple[bytes, bytes]:
        if not self._keys or time.monotonic() - self._read_at > READ_AGAIN_AFTER:
            self.read_again()
        return next(iter(self._keys.items()))

    def _key(self, key_id: bytes) -> bytes:
        if key_id not in self._keys:
            self.read_again()
        if key_id not in self._keys:
            raise UnknownKeyError
        return self._keys[key_id]


def id_of(key: bytes) -> bytes:
    """Return the name of a master key, which tells nothing of it."""
    return hmac.digest(key, b"lentigo: id of a master key", hashlib.sha256)[:ID_BYTES]
