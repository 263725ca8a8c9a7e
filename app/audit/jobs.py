"""The worker's part: the end of the log is anchored every few minutes, and the whole of it verified every night."""

from __future__ import annotations

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from app.audit import anchors, state
from app.audit.log import put_head, take_head
from app.audit.verification import Finding, verify
from app.extensions import db
from app.jobs import periodic
from app.keys import AUDIT, data_keys_of
from config import Settings

log = structlog.get_logger(__name__)


@periodic(minutes=5)
def anchor() -> None:
    """Write down outside the database where the log ends, if it has grown; the application's log is told, too."""
    session: Session = db.session()
    key = data_keys_of(session).secret(AUDIT)
    head, whole = take_head(session, key)
    if whole and head.position > head.anchored:
        anchors.write(anchors.file_of(_settings()), key, head.position, head.hash)
        put_head(session, key, head._replace(anchored=head.position), whole=whole)
        log.info("audit_anchored", position=head.position, hash=head.hash)
    session.commit()


@periodic(minutes=24 * 60)
def verify_daily() -> None:
    """Verify the log, and raise the alarm if it isn't sound."""
    verified()


def verified() -> Finding:
    """Verify the log, remember what was found for the administrators' page, and tell the application's log."""
    finding = verify(db.session(), anchors.file_of(_settings()))
    db.session.rollback()
    state.keep_state(state.file_of(_settings()), finding)
    if finding.sound:
        log.info("audit_verified", events=finding.events, position=finding.position)
    else:
        log.error("audit_broken", breaks=finding.breaks)
    return finding


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
