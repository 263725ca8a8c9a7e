"""The secrets of a database: read once, unwrapped by the keyring, found again by whoever has its connection."""

from __future__ import annotations

import secrets
import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, insert, select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.keys.keyring import ID_BYTES, KEY_BYTES, Keyring
from app.keys.tables import DataKey

FIELDS, INDEX, AUDIT = "fields", "index", "audit"


class MissingSecretError(LookupError):
    """The database has no secret for a purpose: its migrations have not been run."""


class DataKeys:
    """The secrets of one database by purpose and number; a purpose that isn't known yet is looked up."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self.keyring = keyring
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[int, bytes]] = {}

    def all_of(self, purpose: str, connection: Connection | None = None) -> Mapping[int, bytes]:
        """Return the secrets of a purpose by number, the highest is in use; MissingSecretError if there is none."""
        known = self._known.get(purpose)
        if known is None:
            known = self._look_up(purpose, connection)
            with self._lock:
                self._known[purpose] = known
        return known

    def secret(self, purpose: str, number: int | None = None) -> bytes:
        """Return 32 secret bytes: those in use, or those of a number, which may be newer than what is known here."""
        known = self.all_of(purpose)
        if number is None:
            return known[max(known)]
        if number not in known:
            self.forget()
            known = self.all_of(purpose)
        try:
            return known[number]
        except KeyError as error:
            raise MissingSecretError(purpose) from error

    def newest(self, purpose: str) -> int:
        """Return the number of the secret in use."""
        return max(self.all_of(purpose))

    def make(self, connection: Connection, purpose: str) -> int:
        """Add the secret to be used from then on, and return its number; the caller commits, then calls `forget`."""
        numbers = select(DataKey.number).where(DataKey.purpose == purpose).order_by(DataKey.number.desc())
        number = (connection.scalar(numbers.limit(1)) or 0) + 1
        connection.execute(insert(DataKey).values(**new_data_key(self.keyring, purpose, number)))
        return number

    def wrap_again(self, connection: Connection) -> int:
        """Encrypt every secret with the newest master key, and return how many were not; the caller commits."""
        changed = 0
        for row in connection.execute(select(DataKey.id, DataKey.purpose, DataKey.number, DataKey.wrapped)).all():
            wrapped, context = b64decode(row.wrapped), _context(row.purpose, row.number)
            if self.keyring.is_newest(wrapped):
                continue
            again = self.keyring.wrap(self.keyring.unwrap(wrapped, context=context), context=context)
            connection.execute(update(DataKey).where(DataKey.id == row.id).values(wrapped=b64encode(again).decode()))
            changed += 1
        return changed

    def check(self, connection: Connection) -> None:
        """Unwrap every secret; UnknownKeyError or TamperedError if one can't be had."""
        for row in connection.execute(select(DataKey.purpose, DataKey.number, DataKey.wrapped)):
            self.keyring.unwrap(b64decode(row.wrapped), context=_context(row.purpose, row.number))

    def master_keys(self, connection: Connection) -> Counter[str | None]:
        """Count the secrets under each master key, by what that is called."""
        wrapped = connection.scalars(select(DataKey.wrapped))
        return Counter(b64decode(each)[:ID_BYTES].hex() for each in wrapped)

    def forget(self) -> None:
        """Look everything up anew when it is needed."""
        with self._lock:
            self._known.clear()

    def _look_up(self, purpose: str, connection: Connection | None) -> Mapping[int, bytes]:
        query = select(DataKey.number, DataKey.wrapped).where(DataKey.purpose == purpose).order_by(DataKey.number)
        if connection is None:  # one of its own: the caller's may be in the middle of a statement
            with self._engine.connect() as own:
                rows = own.execute(query).all()
        else:
            rows = connection.execute(query).all()
        if not rows:
            raise MissingSecretError(purpose)
        unwrap = self.keyring.unwrap
        found = {number: unwrap(b64decode(wrapped), context=_context(purpose, number)) for number, wrapped in rows}
        return MappingProxyType(found)


def new_data_key(keyring: Keyring, purpose: str, number: int) -> dict[str, Any]:
    """Return the columns of a new secret."""
    wrapped = keyring.wrap(secrets.token_bytes(KEY_BYTES), context=_context(purpose, number))
    return {"purpose": purpose, "number": number, "wrapped": b64encode(wrapped).decode(), "made_at": now()}


_OF_DIALECTS: WeakKeyDictionary[Dialect, DataKeys] = WeakKeyDictionary()


def bind(engine: Engine, keyring: Keyring) -> None:
    """Let whoever has a connection of the engine, or only its dialect, as column types do, find the data keys."""
    _OF_DIALECTS[engine.dialect] = DataKeys(engine, keyring)


def data_keys_of(place: Dialect | Connection | Session) -> DataKeys:
    """Return the data keys of a database; KeyError if it is none of an application."""
    if isinstance(place, Session):
        return _OF_DIALECTS[place.get_bind().dialect]
    return _OF_DIALECTS[place.dialect if isinstance(place, Connection) else place]


def _context(purpose: str, number: int) -> bytes:
    return f"lentigo: data key {purpose} {number}".encode()
