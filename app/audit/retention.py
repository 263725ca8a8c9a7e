"""Remove the oldest events: the log begins after them from then on, which the seal of its head proves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit.events import OPERATE, Event
from app.audit.log import append, put_head, take_head
from app.audit.tables import AuditEvent
from app.keys import AUDIT, data_keys_of


def prune(session: Session, *, before: datetime) -> int:
    """Remove what is older than a time, but never the last event, and record that; the caller commits."""
    key = data_keys_of(session).secret(AUDIT)
    head, whole = take_head(session, key)
    younger = select(AuditEvent.position).where(AuditEvent.at >= before).order_by(AuditEvent.position)
    first = session.scalar(younger.limit(1))
    last_old = (head.position if first is None else first) - 1
    start = session.execute(
        select(AuditEvent.position, AuditEvent.hash).where(AuditEvent.position == last_old)
    ).one_or_none()
    if start is None or start.position <= head.start:
        return 0
    # the triggers let go what lies before the beginning, so this is moved first
    put_head(session, key, head._replace(start=start.position, start_hash=start.hash), whole=whole)
    session.execute(
        delete(AuditEvent).where(AuditEvent.position <= start.position).execution_options(synchronize_session=False)
    )
    removed = int(start.position - head.start)
    append(session, [Event(OPERATE, "audit prune", channel="command", details={"removed": removed})])
    return removed
