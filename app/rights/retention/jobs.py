"""Announce what is overdue, and erase what has been announced for a month."""

from __future__ import annotations

import structlog
from flask import current_app

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.rights.retention import services
from app.rights.retention.tables import RetentionNotice

MOST_ANNOUNCED, MOST_ERASED = 1000, 50  # in one round: what is left comes with the next

log = structlog.get_logger(__name__)


@periodic(minutes=60)
def retain() -> None:
    """Announce, then have erased what is due: by a job each, so that one that fails holds up no other."""
    session, settings, at = db.session(), current_app.config["SETTINGS"], now()
    announced = services.announce(session, settings, at=at, most=MOST_ANNOUNCED)
    session.commit()
    due = services.due(session, at=at, most=MOST_ERASED)
    for notice_id in due:
        erase_due.send(notice_id)
    if announced or due:
        log.info("retention", announced=announced, due=len(due))


@job
def erase_due(notice_id: int) -> None:
    """Erase what was announced; nothing happens if that is done, or is not to be done any more."""
    session = db.session()
    notice = session.get(RetentionNotice, notice_id)
    if notice is not None:
        services.carry_out(session, current_app.config["SETTINGS"], notice, at=now())
        session.commit()
