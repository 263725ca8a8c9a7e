"""Where backups are: a folder or an object store, which many of them share, so that each object is there once."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.backups.errors import BackupError
from app.storage.addresses import storage_at
from app.storage.local import LocalStorage
from app.storage.protocols import Kept as Place
from config import Settings

__all__ = ["Place", "begun_place", "is_there", "place_at"]

STORE = "s3://"


def begun_place(target: str, settings: Settings) -> Place:
    """Return the place at ``s3://bucket/prefix`` or in a folder, made if it is not there; BackupError, OSError."""
    if _is_the_sites_own(target, settings):
        raise BackupError(f"{target} is where the site keeps its own files. Choose a place that does not go with them.")
    if not target.startswith(STORE):
        return LocalStorage(Path(target).absolute())
    try:
        return storage_at(target, settings)
    except ModuleNotFoundError as error:
        raise BackupError("Object stores need the package boto3, which is not installed here.") from error


def place_at(source: str, settings: Settings) -> Place:
    """Return a place that is there; BackupError if it is not."""
    if not source.startswith(STORE) and not Path(source).is_dir():
        raise BackupError(f"{source} is no folder.")
    return begun_place(source, settings)


def is_there(place: Place, name: str) -> bool:
    """Tell whether a place has something under a name."""
    try:
        place.beginning(name, 1)
    except FileNotFoundError:
        return False
    return True


def _is_the_sites_own(target: str, settings: Settings) -> bool:
    own = urlsplit(settings.storage)
    if target.startswith(STORE):
        return f"{target.rstrip('/')}/".startswith(f"{settings.storage.rstrip('/')}/")
    return own.scheme == "file" and Path(target).resolve().is_relative_to(Path(unquote(own.path)).resolve())
