"""Where photographs are kept, encrypted: in a folder, or in a bucket of an object store."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from app.storage.addresses import storage_at
from app.storage.cli import keys
from app.storage.encryption import EncryptedStorage
from app.storage.protocols import Storage

__all__ = ["Storage", "current_storage", "init_app"]


def init_app(app: Flask) -> None:
    """Give the application its storage, in which everything is encrypted, and the commands for its keys."""
    settings = app.config["SETTINGS"]
    app.extensions["storage"] = EncryptedStorage(storage_at(settings.storage, settings), app.extensions["keyring"])
    app.cli.add_command(keys)


def current_storage() -> EncryptedStorage:
    """Return the storage of the current application."""
    return cast(EncryptedStorage, current_app.extensions["storage"])
