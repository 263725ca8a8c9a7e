"""Storage in which everything is encrypted: a data key for each object, wrapped with the master key."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.keyring import ID_BYTES, KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES, Keyring, TamperedError
from app.storage.counting import errors_counted
from app.storage.protocols import Kept

MAGIC = b"LENTIGO1"  # begins no picture, no PDF and no DICOM file
HEADER_BYTES = len(MAGIC) + WRAPPED_BYTES


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
        with errors_counted("put"):
            self._kept.put(key, self._sealed(key, content))

    def put_all(self, contents: Mapping[str, bytes]) -> None:
        """Keep several contents in the same way; if it raises, some of them may be kept."""
        with errors_counted("put"):
            self._kept.put_all({key: self._sealed(key, content) for key, content in contents.items()})

    def get(self, key: str) -> bytes:
        """Return what was kept; FileNotFoundError if there is nothing, UnreadableError if it can't be decrypted."""
        with errors_counted("get"):
            kept = self._kept.get(key)
        return self.opened(key, kept)

    def opened(self, key: str, kept: bytes) -> bytes:
        """Return what was encrypted for a key; UnreadableError if it is not what was put there."""
        if not kept.startswith(MAGIC):
            raise TamperedError
        data_key = self._keyring.unwrap(kept[len(MAGIC) : HEADER_BYTES], context=_place(key))
        nonce = kept[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
        try:
            return AESGCM(data_key).decrypt(nonce, memoryview(kept)[HEADER_BYTES + NONCE_BYTES :], _place(key))
        except (InvalidTag, ValueError) as error:
            raise TamperedError from error

    def header(self, key: str) -> bytes:
        """Return what an object begins with, no other's and no other content's; FileNotFoundError, TamperedError."""
        beginning = self._kept.beginning(key, HEADER_BYTES)
        if len(beginning) < HEADER_BYTES or not beginning.startswith(MAGIC):
            raise TamperedError
        return beginning

    def sealed(self, key: str) -> bytes:
        """Return an object encrypted as it is, for a copy; FileNotFoundError, UnreadableError if it does not open."""
        kept = self._kept.get(key)
        self.opened(key, kept)
        return kept

    def put_sealed(self, key: str, kept: bytes) -> None:
        """Keep an object that is encrypted already, for this key; UnreadableError if it does not open here."""
        self.opened(key, kept)
        self._kept.put(key, kept)

    def delete(self, key: str) -> None:
        """Forget a key; nothing happens if there is nothing."""
        with errors_counted("delete"):
            self._kept.delete(key)

    def delete_all(self, keys: Iterable[str]) -> None:
        """Forget several keys; if it raises, some of them may be left."""
        with errors_counted("delete"):
            self._kept.delete_all(keys)

    def keys(self, under: str = "", *, after: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield the keys, or those in the folder `under`, that sort after `after`, and when each was written, UTC."""
        return self._kept.keys(under, after=after)

    def ready(self) -> bool:
        """Tell whether a file could be written now."""
        return self._kept.ready()

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what was left half-written before a moment, and count it."""
        return self._kept.remove_unfinished(before)

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

    def _sealed(self, key: str, content: bytes) -> bytes:
        data_key, nonce, place = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES), _place(key)
        header = MAGIC + self._keyring.wrap(data_key, context=place)
        return header + nonce + AESGCM(data_key).encrypt(nonce, content, place)


def _place(key: str) -> bytes:
    return f"lentigo: object {key}".encode()
