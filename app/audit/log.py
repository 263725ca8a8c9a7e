"""Append to the log: within the transaction of what is recorded, one after the other, however many write at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.audit.chain import FIELDS, NOTHING, Head, details_text, event_hash, is_same, seal
from app.audit.events import Event
from app.audit.tables import HEAD_COLUMNS, THE_HEAD, AuditEvent, AuditHead
from app.clock import now
from app.errors import AppError
from app.keys import AUDIT, data_keys_of
from app.metrics import AUDIT_EVENTS

BROKEN = "broken"  # the seal of a head that was found forged: nothing makes it whole again

EVENTS, HEADS = AuditEvent.metadata.tables["audit_events"], AuditHead.metadata.tables["audit_heads"]
TAKE = (
    update(HEADS)
    .where(HEADS.c.id == THE_HEAD)
    .values(position=HEADS.c.position)
    .returning(*(HEADS.c[name] for name in Head._fields), HEADS.c.seal)
)

log = structlog.get_logger(__name__)


class UnrecordedError(AppError):
    """An event can't be recorded, so that what it is about must not happen."""

    status = 503
    kind = "audit-unavailable"
    title = "Please try again in a moment"

    def __init__(self) -> None:
        super().__init__("This can't be recorded in the audit log at the moment, so it was not done.")


def append(session: Session, events: Sequence[Event]) -> int:
    """Append events, and return the position of the last; UnrecordedError if the log has no end to append to.

    The end is locked until the caller commits: append as the last thing before that, or others wait, or worse. The
    caller's changes must be flushed.
    """
    key = data_keys_of(session).secret(AUDIT)
    head, whole = take_head(session, key)
    rows = list(_chained(key, head, events))
    session.execute(insert(EVENTS), rows)
    end = head._replace(position=rows[-1]["position"], hash=rows[-1]["hash"])
    put_head(session, key, end, whole=whole)
    for event in events:
        AUDIT_EVENTS.labels(event.action, event.outcome).inc()
    return end.position


def take_head(session: Session, key: bytes) -> tuple[Head, bool]:
    """Lock the end of the log; tell whether its seal is genuine. UnrecordedError if it isn't there."""
    found = session.execute(TAKE).first()
    if found is None:
        log.error("audit_head_missing")
        raise UnrecordedError
    *values, sealed = found
    head = Head(*values)
    whole = is_same(sealed, seal(key, head))
    if not whole:
        log.error("audit_head_forged", position=head.position)
    return head, whole


def put_head(session: Session, key: bytes, head: Head, *, whole: bool) -> None:
    """Write where the log ends. What was found forged stays so: else the next event would hide it."""
    sealed = seal(key, head) if whole else BROKEN
    session.execute(update(HEADS).where(HEADS.c.id == THE_HEAD).values(**head._asdict(), seal=sealed))


def head_of(session: Session) -> tuple[Head, str] | None:
    """Return where the log ends and its seal, without locking it; None if that isn't there."""
    found = session.execute(select(*HEAD_COLUMNS, AuditHead.seal)).first()
    return None if found is None else (Head(*found[:-1]), found[-1])


def first_head(key: bytes) -> dict[str, Any]:
    """Return the row of a log that has no events yet."""
    head = Head(0, NOTHING, 0, NOTHING, 0)
    return {"id": THE_HEAD, **head._asdict(), "seal": seal(key, head)}


def _chained(key: bytes, head: Head, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    before = head.hash
    for position, event in enumerate(events, head.position + 1):
        values = {name: getattr(event, name) for name in FIELDS if name not in ("position", "at", "details")}
        row = {"position": position, "at": now(), "details": details_text(event.details), **values}
        before = event_hash(key, before, [row[name] for name in FIELDS])
        yield {**row, "hash": before}
