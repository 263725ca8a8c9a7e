"""Record what a transaction changes within it: the last thing before it is committed, so that one can't be without.

What a request, a job or a command changes is an event by itself, once in a request; whatever else is to be recorded is
handed to `note`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from flask import g, has_request_context
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, scoped_session

from app.audit import changes
from app.audit.doing import Doing
from app.audit.events import Event
from app.audit.log import append
from app.audit.register import BOOKKEEPING, PROGRESS, Entry, job_or_command
from app.audit.subjects import KINDS, patient_of
from app.jobs.running import running_job

NOTES, DOING = "audit_notes", "audit_doing"


def note(session: Session | scoped_session[Any], noted: Event) -> None:
    """Record an event together with what the session is going to commit."""
    own = session() if isinstance(session, scoped_session) else session
    own.info.setdefault(NOTES, []).append(noted)


def record_now(session: Session, event_: Event) -> None:
    """Record an event by itself, and leave what the session has read as it is: an answer may still be written of it.

    What the session has changed and not committed is taken back, for its lock would be waited for.
    """
    if changes.changes_of(session).tables():
        session.rollback()
    with Session(session.get_bind()) as own:
        append(own, [event_])
        own.commit()


def elsewhere() -> tuple[str, str] | None:
    """Return the channel and the name of the job or command that is running; None if neither is."""
    if (job := running_job()) is not None:
        return "job", job
    context = click.get_current_context(silent=True)
    if context is None or has_request_context():
        return None
    path = context.command_path.split()[1:]
    return "command", " ".join(path)


@event.listens_for(Session, "before_commit")
def _record(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is released: nothing is written yet
        return
    session.flush()
    changed = changes.changes_of(session)
    noted: list[Event] = [*session.info.pop(NOTES, ())]
    if (own := _of_request(session, changed) or _of_job_or_command(session, changed)) is not None:
        noted.append(own)
    if noted:
        append(session, noted)
    changes.forget(session)


@event.listens_for(Session, "after_commit")
def _remember(session: Session) -> None:
    doing: Doing | None = None if session.in_nested_transaction() else session.info.pop(DOING, None)
    if doing is not None:
        doing.recorded = True


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # committed, rolled back or closed
        for kept in (NOTES, DOING):
            session.info.pop(kept, None)
        changes.forget(session)


def _of_request(session: Session, changed: changes.Changes) -> Event | None:
    """Return the event of a request that changes a record; None if it changes none, or it is recorded."""
    doing: Doing | None = g.get("audit") if has_request_context() else None
    if doing is None or doing.recorded or doing.is_of_sign_in or not changed.tables() - BOOKKEEPING:
        return None
    session.info[DOING] = doing
    found = doing.event(session, changed.summary(BOOKKEEPING))
    made = _made(found.subject_kind, changed)
    if made is None or found.subject_id is not None:
        return found
    patient = found.patient_id or patient_of(session, found.subject_kind, found.actor_id, made)
    return replace(found, subject_id=made, patient_id=patient)


def _of_job_or_command(session: Session, changed: changes.Changes) -> Event | None:
    """Return the event of a job or command that changes records; None if it changes none."""
    tables = changed.tables() - PROGRESS
    where = elsewhere() if tables else None
    if where is None:
        return None
    channel, name = where
    entry: Entry = job_or_command(name)
    made = _made(entry.kind, changed)
    return Event(
        entry.action,
        name,
        clinic_id=changed.clinic_id,
        subject_kind=entry.kind,
        subject_id=made,
        patient_id=patient_of(session, entry.kind, changed.author_id, made),
        channel=channel,
        details=changed.summary(PROGRESS),
    )


def _made(kind: str | None, changed: changes.Changes) -> str | None:
    """Return the public id of the only new row of a kind; None if there is none, or more."""
    found = [public_id for table, ids in changed.new.items() if KINDS.get(table) == kind for public_id in ids]
    return found[0] or None if len(found) == 1 else None
