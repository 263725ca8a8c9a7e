"""What can be done with follow-ups: plan one, finish it, take it away. The caller commits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.follow_ups.selectors import open_of
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion


def plan(session: Session, lesion: Lesion, *, author: User, due: date, reason: str | None = None) -> FollowUp:
    """Set the day of a lesion's next follow-up, in place of the one that was set, and flush the row."""
    planned = open_of(session, author, lesion)
    if planned is None:
        planned = FollowUp(clinic_id=author.clinic_id, lesion_id=lesion.id)
        session.add(planned)
    planned.author_id, planned.due, planned.reason = author.id, due, reason
    session.flush()
    return planned


def finish(session: Session, lesion: Lesion, *, user: User, at: datetime) -> bool:
    """Note when a lesion was followed up; False if no follow-up was open."""
    planned = open_of(session, user, lesion)
    if planned is not None:
        planned.done_at = at
    return planned is not None


def take_away(session: Session, lesion: Lesion, *, user: User) -> None:
    """Forget the open follow-up of a lesion: it was not done, and is not to be."""
    planned = open_of(session, user, lesion)
    if planned is not None:
        session.delete(planned)
