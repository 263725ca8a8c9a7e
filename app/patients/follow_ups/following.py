"""What pages say of a lesion's follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_login import current_user

from app.auth.tables import User
from app.clock import now
from app.extensions import db
from app.patients.follow_ups.forms import FollowUpForm
from app.patients.follow_ups.selectors import all_of, open_of
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class Following:
    """The follow-up that is planned, those that are done, the last first, and the form that plans one."""

    planned: FollowUp | None
    done: Sequence[FollowUp]
    form: FollowUpForm


def following(lesion: Lesion) -> Following:
    """Return the follow-ups of a lesion of the signed-in person, for any template."""
    found = all_of(db.session(), _user(), lesion)
    planned = next((one for one in found if one.done_at is None), None)
    return Following(planned, [one for one in found if one.done_at is not None], FollowUpForm.of(planned))


def met_by(lesion: Lesion, analysis: Analysis) -> FollowUp | None:
    """Return the open follow-up of a lesion that a test may be: it was planned before the photograph was taken."""
    planned = open_of(db.session(), _user(), lesion)
    return planned if planned is not None and planned.created_at < analysis.created_at else None


def time_left(due: date) -> str:
    """Say how far off a day is: whole days, today, or since when it is overdue."""
    days = (due - now().date()).days
    if days > 1:
        return f"in {days} days"
    return {1: "tomorrow", 0: "today", -1: "overdue since yesterday"}.get(days, f"overdue for {-days} days")


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
