"""What can be done with verdicts: give one, take one back. The caller commits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed
from app.results.verdicts.tables import Verdict


def give(
    session: Session,
    analysis: Analysis,
    *,
    author: User,
    kind: str,
    label: str | None,
    basis: str | None = None,
    note: str | None = None,
) -> Verdict:
    """Add a verdict, which is in force from now on, and flush it; a `label` of None takes back the one before."""
    verdict = Verdict(
        analysis_id=analysis.id,
        author_id=author.id,
        author_name=author.name,
        kind=kind,
        label=label,
        basis=basis,
        note=note,
        blind=concealed(author, analysis),
    )
    setattr(analysis, kind, label)
    session.add(verdict)
    session.flush()
    return verdict
