"""What can be done about retention: announce, erase what was announced, keep a record longer. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.erasure import erase
from app.patients.tables import Patient
from app.results.services import remove
from app.results.tables import Analysis
from app.rights.retention.selectors import overdue_patients, overdue_tests
from app.rights.retention.tables import RetentionHold, RetentionNotice
from config import Settings

ANNOUNCED_FOR = timedelta(days=30)


def announce(session: Session, settings: Settings, *, at: datetime, most: int) -> int:
    """Announce what is overdue, take back what is not any more, and return how much was announced."""
    day, announced = (at + ANNOUNCED_FOR).date(), 0
    for overdue, table, column in (
        (overdue_patients(settings, at), Patient, RetentionNotice.patient_id),
        (overdue_tests(settings, at), Analysis, RetentionNotice.analysis_id),
    ):
        ids = None if overdue is None else overdue.with_only_columns(table.id)
        stale = delete(RetentionNotice).where(column.is_not(None))
        session.execute(stale if ids is None else stale.where(column.not_in(ids)))
        if ids is not None:
            known = select(column).where(column.is_not(None))
            fresh = session.scalars(ids.where(table.id.not_in(known)).order_by(table.id).limit(most)).all()
            session.add_all(RetentionNotice(**{column.key: found}, announced_at=at, erased_on=day) for found in fresh)
            announced += len(fresh)
    session.flush()
    return announced


def due(session: Session, *, at: datetime, most: int) -> Sequence[int]:
    """Return the ids of the notices whose day has come, at most so many, the first first."""
    come = select(RetentionNotice.id).where(RetentionNotice.erased_on <= at.date())
    return session.scalars(come.order_by(RetentionNotice.erased_on, RetentionNotice.id).limit(most)).all()


def carry_out(session: Session, settings: Settings, notice: RetentionNotice, *, at: datetime) -> bool:
    """Erase what was announced, as a person would, and tell whether that was done: not if its time is not over now."""
    patients, tests = overdue_patients(settings, at), overdue_tests(settings, at)
    patient = None if patients is None else session.scalar(patients.where(Patient.id == notice.patient_id))
    test = None if tests is None else session.scalar(tests.where(Analysis.id == notice.analysis_id))
    session.delete(notice)
    session.flush()
    if patient is not None:
        erase(session, patient)
    elif test is not None:
        remove(session, test)
    return patient is not None or test is not None


def keep_longer(session: Session, patient: Patient, *, author: User, reason: str) -> None:
    """Let a patient's record stay until somebody takes that back."""
    session.merge(RetentionHold(patient_id=patient.id, reason=reason, author_id=author.id, author_name=author.name))
    session.execute(delete(RetentionNotice).where(RetentionNotice.patient_id == patient.id))
    session.flush()


def let_go(session: Session, patient: Patient) -> None:
    """Let the time of a patient's record count again."""
    session.execute(delete(RetentionHold).where(RetentionHold.patient_id == patient.id))
