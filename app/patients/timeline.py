"""A patient's tests, newest first and a page at a time by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Patient
from app.results.selectors import LISTED, analyses_of
from app.results.tables import Analysis

PAGE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of a patient's tests; `older` is the public id to go on from, None at the end.

    `newest` says that it starts with the newest test.
    """

    tests: Sequence[Analysis]
    older: str | None
    newest: bool


def timeline_of(session: Session, user: User, patient: Patient, *, after: str | None = None) -> Timeline:
    """Return the tests that came before one of the patient's; the newest if that is not given, or not there."""
    of_patient = analyses_of(user).where(Analysis.patient_id == patient.id)
    anchor = None if after is None else session.scalar(of_patient.where(Analysis.public_id == after))
    query = of_patient if anchor is None else of_patient.where(_before(anchor))
    newest_first = query.order_by(Analysis.created_at.desc(), Analysis.id.desc())
    found = session.scalars(newest_first.limit(PAGE_LENGTH + 1).options(*LISTED)).all()
    tests = found[:PAGE_LENGTH]
    return Timeline(tests, tests[-1].public_id if len(found) > PAGE_LENGTH else None, newest=anchor is None)


def _before(anchor: Analysis) -> ColumnElement[bool]:
    """Match what is older than `anchor`; the first condition is the one that an index can serve."""
    moment = Analysis.created_at
    return and_(moment <= anchor.created_at, or_(moment < anchor.created_at, Analysis.id < anchor.id))
