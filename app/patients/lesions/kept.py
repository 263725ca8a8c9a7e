"""Lesions with what is kept of them: how many tests show each, and the follow-up that is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.follow_ups.selectors import follow_ups_of
from app.patients.follow_ups.tables import OPEN, FollowUp
from app.patients.tables import Lesion
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class KeptLesion:
    """A lesion, how many tests show it, and its open follow-up, if there is one."""

    lesion: Lesion
    tests: int
    planned: FollowUp | None


def kept_with_lesions(session: Session, user: User, lesions: Sequence[Lesion]) -> list[KeptLesion]:
    """Return lesions of a person's patients with what is kept of them, in two queries."""
    ids = [lesion.id for lesion in lesions]
    counts = select(Analysis.lesion_id, func.count()).where(Analysis.lesion_id.in_(ids)).group_by(Analysis.lesion_id)
    tests = dict(session.execute(counts).all())
    open_ones = session.scalars(follow_ups_of(user).where(FollowUp.lesion_id.in_(ids), OPEN))
    planned = {follow_up.lesion_id: follow_up for follow_up in open_ones}
    return [KeptLesion(lesion, tests.get(lesion.id, 0), planned.get(lesion.id)) for lesion in lesions]
