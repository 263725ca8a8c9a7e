"""Folders and files of the instance, which only the account that runs the application can open."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url


def init_app(app: Flask) -> None:
    """Make the instance folder and, where the database is embedded, its file, before anything else does."""
    settings = app.config["SETTINGS"]
    folder(settings.instance)
    if settings.database_url is None:
        file(Path(str(make_url(settings.database).database)))


def folder(path: Path) -> None:
    """Make a folder that only its owner can enter; leave one that is there as it is."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def file(path: Path) -> None:
    """Make an empty file that only its owner can read; leave one that is there as it is."""
    folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
