"""The photographs of a lesion before and after the one of a test, for the page of that test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_login import current_user
from sqlalchemy import Row

from app.auth.tables import User
from app.extensions import db
from app.results.selectors import analyses_of
from app.results.tables import Analysis

Taken = Row[str, datetime]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A test is the `number`-th of `total` of its lesion, in the order of time; None where it is the first or last."""

    number: int
    total: int
    before: Taken | None
    after: Taken | None


def neighbours(analysis: Analysis) -> Neighbours | None:
    """Return what lies beside a test of the signed-in person, for any template; None if its lesion has no other."""
    if analysis.lesion_id is None:
        return None
    user: User = current_user._get_current_object()
    of_lesion = analyses_of(user).where(Analysis.lesion_id == analysis.lesion_id)
    in_time = of_lesion.order_by(Analysis.created_at, Analysis.id).with_only_columns(
        Analysis.public_id, Analysis.created_at
    )
    tests = db.session.execute(in_time).all()
    place = [public_id for public_id, _ in tests].index(analysis.public_id)
    if len(tests) == 1:
        return None
    before, after = tests[place - 1] if place else None, tests[place + 1] if place + 1 < len(tests) else None
    return Neighbours(place + 1, len(tests), before, after)
