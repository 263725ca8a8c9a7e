"""Where photographs are kept: a small protocol, and a folder that implements it, encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

from app.storage.cli import keys
from app.storage.encryption import EncryptedStorage
from app.storage.local import LocalStorage


class Storage(Protocol):
    """Keeps bytes under keys like ``analyses/AB/ABCDEF/photograph.png``."""

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` whole or not at all; an earlier content of the key is replaced."""

    def get(self, key: str) -> bytes:
        """Return what was kept; FileNotFoundError if there is nothing."""

    def delete(self, key: str) -> None:
        """Forget a key; nothing happens if there is nothing."""

    def keys(self, under: str = "") -> Iterator[tuple[str, datetime]]:
        """Yield every key, or those in the folder `under`, with the time it was written, UTC."""

    def ready(self) -> bool:
        """Tell whether a file could be written now."""


def init_app(app: Flask) -> None:
    """Give the application its storage, in which everything is encrypted, and the commands for its keys."""
    app.extensions["storage"] = EncryptedStorage(LocalStorage(app.config["SETTINGS"].files), app.extensions["keyring"])
    app.cli.add_command(keys)


def current_storage() -> EncryptedStorage:
    """Return the storage of the current application."""
    return cast(EncryptedStorage, current_app.extensions["storage"])
