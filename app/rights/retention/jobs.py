"""Announce what is overdue, and erase what has been announced for a month."""

from __future__ import annotations

import structlog
from flask import current_app

from app.clock import now
from app.extensions import db
from app.jobs import periodic
from app.rights.retention import services

MOST_ANNOUNCED, MOST_ERASED = 1000, 50  # in one round: what is left comes with the next

log = structlog.get_logger(__name__)


@periodic(minutes=60)
def retain() -> None:
    """Announce, then erase; each erasure is a transaction of its own."""
    session, settings, at = db.session(), current_app.config["SETTINGS"], now()
    announced = services.announce(session, settings, at=at, most=MOST_ANNOUNCED)
    session.commit()
    erased = 0
    for _ in range(MOST_ERASED):
        notice = services.next_due(session, at=at)
        if notice is None:
            break
        erased += services.carry_out(session, settings, notice, at=at)
        session.commit()
    if announced or erased:
        log.info("retention", announced=announced, erased=erased)
