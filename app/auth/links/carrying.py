"""A link's token on its way through a browser: out of the address, which is seen and logged, into the session.

Opening a link uses nothing up, because programs that look into mail open links too; the form on its page does.
"""

from __future__ import annotations

from flask import session

KEY = "link"


def carry(purpose: str, token: str) -> None:
    """Keep a token in the session, whose cookie only this browser has."""
    session[KEY] = [purpose, token]


def carried(purpose: str) -> str:
    """Return the token that is carried for a purpose; an empty one, which opens nothing, if there is none."""
    kept = session.get(KEY)
    return str(kept[1]) if isinstance(kept, list) and kept[:1] == [purpose] else ""


def put_down() -> None:
    """Carry no token any more."""
    session.pop(KEY, None)
