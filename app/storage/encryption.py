"""Storage in which everything is encrypted: a data key for each object, wrapped with the master key."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.keyring import ID_BYTES, KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES, Keyring, TamperedError

MAGIC = b"LENTIGO1"  # begins no picture, no PDF and no DICOM file
HEADER_BYTES = len(MAGIC) + WRAPPED_BYTES


class Kept(Protocol):
    """What keeps the encrypted objects."""

    def put(self, key: str, content: bytes) -> None: ...  # noqa: D102 - as in Storage

    def get(self, key: str) -> bytes: ...  # noqa: D102

    def beginning(self, key: str, length: int) -> bytes:
        """Return the first bytes of an object."""

    def delete(self, key: str) -> None: ...  # noqa: D102

    def keys(self, under: str = "") -> Iterator[tuple[str, datetime]]: ...  # noqa: D102

    def ready(self) -> bool: ...  # noqa: D102


class EncryptedStorage:
    """Encrypts on the way in and decrypts on the way out, with AES-256-GCM.

    An object is MAGIC, its data key as the keyring wraps it, a nonce, ciphertext and tag. The storage key is
    authenticated with both: an object opens nowhere else than where it was put.
    """

    def __init__(self, kept: Kept, keyring: Keyring) -> None:
        self._kept = kept
        self._keyring = keyring

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` encrypted, whole or not at all."""
        data_key, nonce, place = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES), _place(key)
        header = MAGIC + self._keyring.wrap(data_key, context=place)
        self._kept.put(key, header + nonce + AESGCM(data_key).encrypt(nonce, content, place))

    def get(self, key: str) -> bytes:
        """Return what was kept; FileNotFoundError if there is nothing, UnreadableError if it can't be decrypted."""
        kept = self._kept.get(key)
        if not kept.startswith(MAGIC):
            raise TamperedError
        data_key = self._keyring.unwrap(kept[len(MAGIC) : HEADER_BYTES], context=_place(key))
        nonce = kept[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
        try:
            return AESGCM(data_key).decrypt(nonce, memoryview(kept)[HEADER_BYTES + NONCE_BYTES :], _place(key))
        except (InvalidTag, ValueError) as error:
            raise TamperedError from error

    def delete(self, key: str) -> None:
        """Forget a key; nothing happens if there is nothing."""
        self._kept.delete(key)

    def keys(self, under: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield every key, or those in the folder `under`, with the time it was written, UTC."""
        return self._kept.keys(under)

    def ready(self) -> bool:
        """Tell whether a file could be written now."""
        return self._kept.ready()

    def master_key_of(self, key: str) -> str | None:
        """Return what the master key of an object is called, None if it is in the clear."""
        beginning = self._kept.beginning(key, len(MAGIC) + ID_BYTES)
        return beginning[len(MAGIC) :].hex() if beginning.startswith(MAGIC) else None

    def seal(self, key: str) -> bool:
        """Encrypt an object under the newest master key, unless it is; tell whether something had to be done.

        Only the data key is encrypted anew where the object is encrypted already. FileNotFoundError if there is none.
        """
        beginning = self._kept.beginning(key, HEADER_BYTES)
        wrapped = beginning[len(MAGIC) :]
        if not beginning.startswith(MAGIC):
            self.put(key, self._kept.get(key))
        elif self._keyring.is_newest(wrapped):
            return False
        else:
            data_key = self._keyring.unwrap(wrapped, context=_place(key))
            header = MAGIC + self._keyring.wrap(data_key, context=_place(key))
            self._kept.put(key, header + self._kept.get(key)[HEADER_BYTES:])
        return True

    def unseal(self, key: str) -> None:
        """Keep an object in the clear, as earlier versions of Lentigo need it."""
        self._kept.put(key, self.get(key))


def _place(key: str) -> bytes:
    return f"lentigo: object {key}".encode()
