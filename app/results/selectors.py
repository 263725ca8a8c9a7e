"""Queries for analyses: whatever a person may see starts here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer, joinedload

from app.auth.tables import User
from app.errors import NotFoundError
from app.results.tables import Analysis

LISTED = (
    defer(Analysis.heatmap, raiseload=True),
    defer(Analysis.note, raiseload=True),
    defer(Analysis.similar, raiseload=True),
    defer(Analysis.probabilities_with_patient, raiseload=True),
)  # lists don't show them
ROWS = (*LISTED, joinedload(Analysis.author, innerjoin=True).load_only(User.name))  # with who made each


def analyses_of(user: User) -> Select[Analysis]:
    """Select the analyses of a person's clinic."""
    return select(Analysis).where(Analysis.clinic_id == user.clinic_id)


def analysis_of(session: Session, user: User, public_id: str) -> Analysis:
    """Return one analysis of a person's clinic; NotFoundError if there is none, or if it is another's."""
    analysis = session.scalar(analyses_of(user).where(Analysis.public_id == public_id))
    if analysis is None:
        raise NotFoundError("There is no such test. It may have been deleted.")
    return analysis


def recent_of(session: Session, user: User, limit: int = 5) -> Sequence[Analysis]:
    """Return the newest analyses of a person's clinic, without what only its own page shows."""
    newest_first = analyses_of(user).order_by(Analysis.created_at.desc(), Analysis.id.desc())
    return session.scalars(newest_first.limit(limit).options(*ROWS)).all()
