"""Keys: a master key outside the database encrypts the data keys in it, and those of the stored files.

::

    data_keys_of(session).secret(AUDIT)  # 32 bytes, the same for as long as the database lives
    current_keyring().wrap(key, context=b"where it belongs")
"""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from app.extensions import db
from app.keys.data_keys import AUDIT, FIELDS, INDEX, DataKeys, bind, data_keys_of, new_data_key
from app.keys.keyring import Keyring, TamperedError, UnknownKeyError, UnreadableError
from app.keys.sources import KeySourceError, source_of

__all__ = [
    "AUDIT",
    "FIELDS",
    "INDEX",
    "DataKeys",
    "Keyring",
    "TamperedError",
    "UnknownKeyError",
    "UnreadableError",
    "current_keyring",
    "data_keys_of",
    "init_app",
    "new_data_key",
]


def init_app(app: Flask) -> None:
    """Give the application its keyring, and its database the data keys; SystemExit if there is no master key."""
    keyring = Keyring(source_of(app.config["SETTINGS"]))
    try:
        keyring.read_again()
    except KeySourceError as error:
        raise SystemExit(str(error)) from error
    app.extensions["keyring"] = keyring
    with app.app_context():
        for engine in db.engines.values():
            bind(engine, keyring)


def current_keyring() -> Keyring:
    """Return the keyring of the current application."""
    return cast(Keyring, current_app.extensions["keyring"])
