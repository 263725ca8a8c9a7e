"""Queries for follow-ups: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.follow_ups.tables import OPEN, FollowUp
from app.patients.tables import Lesion


def follow_ups_of(user: User) -> Select[FollowUp]:
    """Select the follow-ups of the patients of a person's clinic, those done too."""
    return select(FollowUp).where(FollowUp.clinic_id == user.clinic_id)


def open_of(session: Session, user: User, lesion: Lesion) -> FollowUp | None:
    """Return the follow-up of a lesion that is not done; None if none is set."""
    return session.scalar(follow_ups_of(user).where(FollowUp.lesion_id == lesion.id, OPEN))


def all_of(session: Session, user: User, lesion: Lesion) -> Sequence[FollowUp]:
    """Return the follow-ups of a lesion, the newest first."""
    return session.scalars(
        follow_ups_of(user).where(FollowUp.lesion_id == lesion.id).order_by(FollowUp.id.desc())
    ).all()
