"""Who had to do with a patient's record, as the audit log has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.register import words_of
from app.audit.tables import AuditEvent
from app.auth.tables import User
from app.spreadsheet import Cell

HEADINGS = ("time_utc", "who", "role", "did", "outcome")
PAGE = 500
NOBODY = "Lentigo"  # a job or a command


def accesses_of(session: Session, user: User, public_id: str) -> Iterator[Sequence[Cell]]:
    """Yield headings, and a line for each event that is about a patient, the oldest first; as far as the log goes back.

    Accounts of other clinics are not named: nobody there can have seen anything.
    """
    names = dict(list(session.execute(select(User.id, User.name).where(User.clinic_id == user.clinic_id))))
    about = select(AuditEvent).where(AuditEvent.patient_id == public_id, AuditEvent.clinic_id == user.clinic_id)
    yield HEADINGS
    last = -1
    while events := session.scalars(
        about.where(AuditEvent.position > last).order_by(AuditEvent.position).limit(PAGE)
    ).all():
        last = events[-1].position
        for event in events:
            yield _line(event, names.get(event.actor_id or 0, NOBODY if event.actor_id is None else "a former account"))
            session.expunge(event)


def _line(event: AuditEvent, who: str) -> Sequence[Cell]:
    return (
        event.at.isoformat(timespec="seconds"),
        who,
        event.role,
        words_of(event.action, event.operation),
        event.outcome,
    )
