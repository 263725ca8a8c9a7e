"""Moving a site: its rows to another database and its files to another storage, as they are, encryption included.

What is half-moved says so itself: a table `moving` in the target database, an object `moving` in the target storage.
The last row of each table there, and the objects that are there, tell where to go on.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.moving.cli import move
from config import Settings


def init_app(app: Flask, another: Callable[[Settings], Flask]) -> None:
    """Register the command; `another` makes the application of the site that is moved to."""
    app.extensions["another"] = another
    app.cli.add_command(move)
