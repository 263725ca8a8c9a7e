"""Queries for the verdicts of an analysis that a person may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict


def verdicts_of(session: Session, analysis: Analysis) -> Sequence[Verdict]:
    """Return all that was said of an analysis, of both kinds, in the order in which it was said."""
    return session.scalars(select(Verdict).where(Verdict.analysis_id == analysis.id).order_by(Verdict.id)).all()


def newest(verdicts: Sequence[Verdict], kind: str) -> Verdict | None:
    """Return what was said last of a kind: in force, unless it has no label and took back the one before."""
    return next((verdict for verdict in reversed(verdicts) if verdict.kind == kind), None)
