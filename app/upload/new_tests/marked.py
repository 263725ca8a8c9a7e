"""Which tests were just made in this browser: the session remembers a few, for an hour, until they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import session
from flask_login import current_user

from app.clock import now
from app.extensions import db
from app.patients.filing.made_along import MadeAlong, made_along
from app.results.tables import Analysis
from app.upload.new_tests.held import is_held

KEY = "new_tests"
MOST = 10  # tests that are remembered: the session travels with every request
OPEN = timedelta(hours=1)  # afterwards a test is one of the earlier ones


@dataclass(frozen=True, slots=True)
class JustMade:
    """A test that may still be closed without saving, and who and what would go with it."""

    along: MadeAlong


def mark(public_id: str) -> None:
    """Remember that a test was just made."""
    others = [other for other in _marked() if other != public_id]
    session[KEY] = [*others, public_id][-MOST:]


def unmark(analysis: Analysis) -> None:
    """Forget that a test was just made."""
    session[KEY] = [public_id for public_id in _marked() if public_id != analysis.public_id]


def just_made(analysis: Analysis) -> JustMade | None:
    """Return what closing a test without saving means; None where that is not, or no longer, to be offered."""
    if analysis.public_id not in _marked() or now() - analysis.created_at > OPEN or is_held(db.session(), analysis):
        return None
    return JustMade(made_along(db.session(), current_user._get_current_object(), analysis))


def _marked() -> list[str]:
    return list(session.get(KEY, []))
