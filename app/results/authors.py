"""Who made something, as far as that is worth saying."""

from __future__ import annotations

from typing import Protocol

from flask_login import current_user
from sqlalchemy.orm import Mapped

from app.auth.tables import User
from app.extensions import db


class Made(Protocol):
    """A row that says who made it."""

    author_id: Mapped[int]


def colleague(made: Made) -> str | None:
    """Return the name of the colleague who made something; None if whoever looks has made it.

    A list reads the authors with its rows, or else each is asked for.
    """
    if made.author_id == current_user.id:
        return None
    author = db.session.get(User, made.author_id)
    return None if author is None else author.name
