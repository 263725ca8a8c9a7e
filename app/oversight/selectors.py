"""Queries for events of the audit log: whatever a person may see of it starts here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, literal_column, select
from sqlalchemy.orm import Session

from app.audit.events import DONE
from app.audit.tables import AuditEvent
from app.auth.tables import User

PAGE_LENGTH = 50
MOST_EXPORTED = 100_000
READ_AT_ONCE = 1000
NEVER = 2**53  # a position that no event has
# word for word as in the index that serves it
UNDONE = AuditEvent.outcome != literal_column(f"'{DONE}'")


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: an account, an action, an outcome, days, a patient; None asks for anything."""

    actor_id: int | None = None
    action: str | None = None
    outcome: str | None = None
    first: date | None = None
    last: date | None = None
    patient: str | None = None


def events_of_clinic(user: User) -> Select[AuditEvent]:
    """Select the events of a person's clinic."""
    return select(AuditEvent).where(AuditEvent.clinic_id == user.clinic_id)


def events_by(user: User) -> Select[AuditEvent]:
    """Select what was done with a person's account, in whichever clinic, and by whoever tried."""
    return select(AuditEvent).where(AuditEvent.actor_id == user.id)


def found(session: Session, events: Select[AuditEvent], search: Search) -> Select[AuditEvent]:
    """Narrow events down to what is looked for, the newest first."""
    for column, wanted in (
        (AuditEvent.actor_id, search.actor_id),
        (AuditEvent.action, search.action),
        (AuditEvent.patient_id, search.patient),
    ):
        if wanted is not None:
            events = events.where(column == wanted)
    if search.outcome is not None:
        events = events.where(AuditEvent.outcome == search.outcome)
        events = events if search.outcome == DONE else events.where(UNDONE)
    if search.first is not None:
        events = events.where(AuditEvent.position >= _first_from(session, search.first))
    if search.last is not None:
        events = events.where(AuditEvent.position < _first_from(session, search.last + timedelta(days=1)))
    return events.order_by(AuditEvent.position.desc())


def page_of(session: Session, events: Select[AuditEvent], before: int | None) -> tuple[Sequence[AuditEvent], bool]:
    """Return a page of events, those before a position, and whether older ones follow."""
    if before is not None:
        events = events.where(AuditEvent.position < before)
    rows = session.scalars(events.limit(PAGE_LENGTH + 1)).all()
    return rows[:PAGE_LENGTH], len(rows) > PAGE_LENGTH


def all_of(session: Session, events: Select[AuditEvent]) -> Iterator[AuditEvent]:
    """Yield events for an export, MOST_EXPORTED at the most."""
    yield from session.scalars(events.limit(MOST_EXPORTED).execution_options(yield_per=READ_AT_ONCE))


def _first_from(session: Session, day: date) -> int:
    """Return the position of the first event from a day on, NEVER if there is none; the log is in order of time."""
    begins = datetime.combine(day, time(), UTC)
    since = select(AuditEvent.position).where(AuditEvent.at >= begins).order_by(AuditEvent.at, AuditEvent.position)
    position = session.scalar(since.limit(1))
    return NEVER if position is None else position
