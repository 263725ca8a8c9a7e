"""How a value of a column is encrypted: AES-256-GCM under a field key, bound to table and column.

A value is `e1.KEY.SEALED`: the version of this form, the number of the field key, and, in Base64, nonce, ciphertext and
tag. What is encrypted is filled up to whole blocks, so that its length tells little. Nonces are random, of 96 bits:
safe for 2**32 values under one key.
"""

from __future__ import annotations

import binascii
import secrets
import time
from base64 import b64encode
from binascii import a2b_base64
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Dialect

from app.keys import FIELDS, DataKeys, TamperedError, data_keys_of
from app.keys.data_keys import MissingSecretError

VERSION = "e1"
NONCE_BYTES = 12
BLOCK = 32  # bytes: most names fill one
FRESH = 20.0  # seconds for which a process goes on writing with a key that is no longer the newest


class Ciphers:
    """The ciphers of one database, by the number of their key."""

    def __init__(self, data_keys: DataKeys) -> None:
        self._data_keys = data_keys
        self._ciphers: dict[int, AESGCM] = {}
        self._newest = 0
        self._asked = -FRESH

    def seal(self, content: bytes, place: bytes) -> str:
        """Encrypt what stands in a column; `place` is its table and name."""
        number = self.newest()
        nonce = secrets.token_bytes(NONCE_BYTES)
        filled = content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0")
        sealed = nonce + self._cipher(number).encrypt(nonce, filled, place)
        return f"{VERSION}.{number}.{b64encode(sealed).decode()}"

    def unseal(self, value: str, place: bytes) -> bytes:
        """Return what was encrypted; TamperedError if it is not what was written there, UnknownKeyError."""
        try:
            version, number, written = value.split(".")
            if version != VERSION:
                raise TamperedError
            sealed = a2b_base64(written, strict_mode=True)
            cipher = self._ciphers.get(int(number)) or self._cipher(int(number))
            filled = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (ValueError, binascii.Error, InvalidTag, MissingSecretError) as error:
            raise TamperedError from error
        return filled.rstrip(b"\0")

    def newest(self) -> int:
        """Return the number of the key in use; it is looked up again once that is FRESH seconds ago."""
        moment = time.monotonic()
        if not self._newest or moment - self._asked >= FRESH:
            if self._newest:
                self._data_keys.forget()
            self._newest, self._asked = self._data_keys.newest(FIELDS), moment
        return self._newest

    def forget(self) -> None:
        """Look everything up anew when it is needed."""
        self._data_keys.forget()
        self._ciphers, self._newest, self._asked = {}, 0, -FRESH

    def _cipher(self, number: int) -> AESGCM:
        cipher = self._ciphers.get(number)
        if cipher is None:
            cipher = self._ciphers[number] = AESGCM(self._data_keys.secret(FIELDS, number))
        return cipher


_OF_DIALECTS: WeakKeyDictionary[Dialect, Ciphers] = WeakKeyDictionary()


def ciphers_of(place: Dialect | Connection) -> Ciphers:
    """Return the ciphers of a database."""
    dialect = place.dialect if isinstance(place, Connection) else place
    ciphers = _OF_DIALECTS.get(dialect)
    if ciphers is None:
        ciphers = _OF_DIALECTS[dialect] = Ciphers(data_keys_of(dialect))
    return ciphers


def number_of(value: str) -> int:
    """Return the number of the key by which a value was encrypted; 0 if it is none of ours."""
    version, _, rest = value.partition(".")
    number = rest.partition(".")[0]
    return int(number) if version == VERSION and number.isdecimal() else 0
