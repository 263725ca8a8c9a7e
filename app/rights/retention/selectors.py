"""Queries for retention: whose time is over, what was announced, what stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.selectors import patients_of
from app.patients.tables import Patient
from app.results.selectors import LISTED, analyses_of
from app.results.tables import Analysis
from app.rights.retention.tables import RetentionHold, RetentionNotice
from config import Settings

DAYS_OF_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Announced:
    """What is erased soon: a patient, or a test that is kept with nobody."""

    erased_on: date
    patient: Patient | None
    analysis: Analysis | None


@dataclass(frozen=True, slots=True)
class Held:
    """A patient whose record stays, and why."""

    patient: Patient
    hold: RetentionHold


def overdue_patients(settings: Settings, at: datetime) -> Select[Patient] | None:
    """Select archived patients without a newer test whose time is over; None if they are kept for ever."""
    if not settings.retention_archived_years:
        return None
    before = at - timedelta(days=settings.retention_archived_years * DAYS_OF_YEAR)
    newer = exists().where(Analysis.patient_id == Patient.id, Analysis.created_at >= before)
    held = exists().where(RetentionHold.patient_id == Patient.id)
    return select(Patient).where(Patient.archived_at < before, ~newer, ~held)


def overdue_tests(settings: Settings, at: datetime) -> Select[Analysis] | None:
    """Select tests that have been kept with nobody for so long; None if they are kept for ever."""
    if not settings.retention_unfiled_days:
        return None
    before = at - timedelta(days=settings.retention_unfiled_days)
    return select(Analysis).where(Analysis.patient_id.is_(None), Analysis.created_at < before)


def announced_of(session: Session, user: User, limit: int) -> Sequence[Announced]:
    """Return what of a person's is erased next, the soonest first."""
    patients = patients_of(user).join(RetentionNotice, RetentionNotice.patient_id == Patient.id)
    tests = analyses_of(user).join(RetentionNotice, RetentionNotice.analysis_id == Analysis.id).options(*LISTED)
    by_day = RetentionNotice.erased_on, RetentionNotice.id
    found = [
        Announced(day, patient, None)
        for patient, day in session.execute(patients.add_columns(by_day[0]).order_by(*by_day).limit(limit))
    ]
    found += [
        Announced(day, None, test)
        for test, day in session.execute(tests.add_columns(by_day[0]).order_by(*by_day).limit(limit))
    ]
    return sorted(found, key=lambda one: one.erased_on)[:limit]


def count_announced(session: Session, user: User) -> int:
    """Count what of a person's was announced."""
    patients = patients_of(user).join(RetentionNotice, RetentionNotice.patient_id == Patient.id)
    tests = analyses_of(user).join(RetentionNotice, RetentionNotice.analysis_id == Analysis.id)
    return sum(session.scalar(query.with_only_columns(func.count())) or 0 for query in (patients, tests))


def held_of(session: Session, user: User, limit: int) -> Sequence[Held]:
    """Return a person's patients whose records stay although their time is over."""
    joined = patients_of(user).join(RetentionHold, RetentionHold.patient_id == Patient.id).add_columns(RetentionHold)
    return [Held(*row) for row in session.execute(joined.order_by(RetentionHold.recorded_at.desc()).limit(limit))]
