"""Where the master keys come from: a setting, a file, or, on one machine, a file that is made at first need."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.keys.keyring import KEY_BYTES, id_of
from app.secret_files import kept_secret, write_secret
from app.setting_kinds import read_master_keys

if TYPE_CHECKING:
    from config import Settings


class KeySourceError(Exception):
    """The master keys can't be had from where they are kept; the message says why."""


def new_master_key() -> str:
    """Return a new master key as it is written in settings: 32 random bytes in Base64, safe in addresses."""
    return _written(secrets.token_bytes(KEY_BYTES))


def source_of(settings: Settings) -> Callable[[], Sequence[bytes]]:
    """Return the function that reads the master keys, the newest first."""
    if settings.master_key is not None:
        given = read_master_keys(settings.master_key)
        return lambda: given
    if settings.master_key_file is not None:
        path = settings.master_key_file
        return lambda: _keys_in(path)
    own = settings.master_key_path
    return lambda: _own_keys(own)


def put_in_front(path: Path, key: str) -> None:
    """Write a new master key into a file, before the others, so that it is used from then on."""
    write_secret(path, f"{key}\n{path.read_text().strip()}\n", replace=True)


def take_out(path: Path, key_id: str) -> None:
    """Write the file without the master key that is called so."""
    kept = [key for key in read_master_keys(path.read_text()) if id_of(key).hex() != key_id]
    write_secret(path, "".join(f"{_written(key)}\n" for key in kept), replace=True)


def _written(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _own_keys(path: Path) -> Sequence[bytes]:
    """Read the keys of a local installation, made now if it is new."""
    if not path.exists():
        kept_secret(path, new_master_key)
    return _keys_in(path)


def _keys_in(path: Path) -> Sequence[bytes]:
    try:
        return read_master_keys(path.read_text())
    except (OSError, ValueError) as error:
        raise KeySourceError(f"The master keys in {path} can't be used: {error}.") from error
