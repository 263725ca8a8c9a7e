"""Photographs to be taken again: until a good one follows, or the clinician says that none is needed."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, and_, case, exists, or_, update
from sqlalchemy.orm import Session, aliased

from app.one_at_a_time import one_at_a_time
from app.results.tables import DISMISSED, DUE, TAKEN, Analysis

FETCHED = {"synchronize_session": "fetch"}  # rows that the session holds learn of the change


def settle(session: Session, patient_id: int | None) -> None:
    """Find out anew which poor photographs of a patient were followed by an accepted one; the caller commits.

    To be called after whatever adds, moves or removes a patient's tests. Nobody can tell what followed a photograph
    that is kept with nobody.
    """
    session.flush()
    if patient_id is None:
        return
    one_at_a_time(session, f"retakes of {patient_id}")  # of two tests that come at once, each must see the other
    found = case((_followed(), TAKEN), else_=DUE)
    changed = Analysis.patient_id == patient_id, Analysis.retake.in_((DUE, TAKEN)), Analysis.retake != found
    session.execute(update(Analysis).where(*changed).values(retake=found), execution_options=FETCHED)


def dismiss(analysis: Analysis) -> None:
    """Let a poor photograph be: no other one is needed."""
    if analysis.retake == DUE:
        analysis.retake = DISMISSED


def restore(session: Session, analysis: Analysis) -> None:
    """Take a dismissal back."""
    if analysis.retake == DISMISSED:
        analysis.retake = DUE
        settle(session, analysis.patient_id)


@cache  # SQLAlchemy takes some milliseconds to put it together
def _followed() -> ColumnElement[bool]:
    """Match what a later, accepted test of the same lesion follows; without a lesion, of the same body site."""
    newer = aliased(Analysis)
    later = or_(
        newer.created_at > Analysis.created_at,
        and_(newer.created_at == Analysis.created_at, newer.id > Analysis.id),
    )
    same_place = or_(
        newer.lesion_id == Analysis.lesion_id,
        and_(Analysis.lesion_id.is_(None), newer.body_site.is_not_distinct_from(Analysis.body_site)),
    )
    return exists().where(newer.patient_id == Analysis.patient_id, newer.accepted.is_(True), later, same_place)
