"""What can be done with follow-ups: plan one, finish it, take it away. The caller commits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.follow_ups.selectors import open_of
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion


def plan(session: Session, lesion: Lesion, *, owner: User, due: date, reason: str | None = None) -> FollowUp:
    """Set the day of a lesion's next follow-up, in place of the one that was set, and flush the row."""
    planned = open_of(session, owner, lesion)
    if planned is None:
        planned = FollowUp(owner_id=owner.id, lesion_id=lesion.id)
        session.add(planned)
    planned.due, planned.reason = due, reason
    session.flush()
    return planned


def finish(session: Session, lesion: Lesion, *, owner: User, at: datetime) -> bool:
    """Note when a lesion was followed up; False if no follow-up was open."""
    planned = open_of(session, owner, lesion)
    if planned is not None:
        planned.done_at = at
    return planned is not None


def take_away(session: Session, lesion: Lesion, *, owner: User) -> None:
    """Forget the open follow-up of a lesion: it was not done, and is not to be."""
    planned = open_of(session, owner, lesion)
    if planned is not None:
        session.delete(planned)
