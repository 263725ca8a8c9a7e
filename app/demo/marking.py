"""Whether pages have to say that they show a demonstration."""

from __future__ import annotations

from flask import g

from app.demo.services import is_demonstration
from app.extensions import db


def is_shown() -> bool:
    """Tell whether there is a demonstration, asked once for each page, and not while the database can't be reached."""
    if "demonstration" not in g:
        g.demonstration = is_demonstration(db.session())
    shown: bool = g.demonstration
    return shown
