"""What can be done with verdicts: give one, replace one, take one back. The caller commits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import AppError
from app.results.tables import Analysis
from app.results.verdicts.blind import never_shown
from app.results.verdicts.labels import BASES, UNCERTAIN, VERDICTS
from app.results.verdicts.records import Said
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict


class ChangedMeanwhileError(AppError):
    """Another verdict of this kind was given since the page was made that the form stood on."""

    status = 409
    kind = "changed-meanwhile"
    title = "Changed meanwhile"


def give(
    session: Session,
    analysis: Analysis,
    *,
    author: User,
    kind: str,
    label: str | None,
    basis: str | None = None,
    found_on: date | None = None,
    note: str | None = None,
) -> Verdict:
    """Add a verdict, which is in force from now on, and flush it; a `label` of None takes back the one before.

    A diagnosis has a basis, and nothing else has; ValueError otherwise.
    """
    _require_sense(kind, label, basis)
    verdict = Verdict(
        analysis_id=analysis.id,
        clinic_id=analysis.clinic_id,
        author_id=author.id,
        author_name=author.name,
        kind=kind,
        label=label,
        basis=basis,
        found_on=found_on,
        note=note,
        blind=never_shown(author, analysis) and not _was_assessed(session, analysis),
    )
    setattr(analysis, kind, label)
    session.add(verdict)
    session.flush()
    return verdict


def replace(
    session: Session, analysis: Analysis, *, author: User, kind: str, said: Said, seen: str | None
) -> Verdict | None:
    """Give a verdict in place of that whose id was `seen`, "" for none, and None for whichever there is.

    Returns what is in force then; nothing is added if the same is said already, None if nothing was ever said.
    ChangedMeanwhileError if another one has come since.
    """
    _take_turn(session, analysis)
    before = newest(verdicts_of(session, analysis), kind)
    if said == (Said() if before is None else _said_by(before)):
        return before
    if seen is not None and seen != ("" if before is None else str(before.id)):
        raise ChangedMeanwhileError("This was changed meanwhile, in another window or by a colleague.")
    return give(session, analysis, author=author, kind=kind, **asdict(said))


def _take_turn(session: Session, analysis: Analysis) -> None:
    """Let nobody else replace a verdict of this analysis before this transaction ends: what is read next holds."""
    row = update(Analysis).where(Analysis.id == analysis.id).execution_options(synchronize_session=False)
    session.execute(row.values(assessment=Analysis.assessment))


def _said_by(verdict: Verdict) -> Said:
    return Said(verdict.label, verdict.basis, verdict.found_on, verdict.note)


def _require_sense(kind: str, label: str | None, basis: str | None) -> None:
    possible = {ASSESSMENT: {*VERDICTS, UNCERTAIN}, DIAGNOSIS: {*VERDICTS}}[kind]
    if label is not None and label not in possible:
        raise ValueError(f"{label} is no {kind}")
    if (basis in BASES) != (kind == DIAGNOSIS and label is not None):
        raise ValueError("a diagnosis has a basis, and nothing else has")


def _was_assessed(session: Session, analysis: Analysis) -> bool:
    """Tell whether there was an assessment before: since then the answer could be seen, even if it was taken back."""
    earlier = exists().where(Verdict.analysis_id == analysis.id, Verdict.kind == ASSESSMENT)
    return bool(session.scalar(select(earlier)))
