"""Write the erasures into the file beside the database, and notice when the file knows more than the database."""

from __future__ import annotations

import structlog
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.erasures import ledger
from app.erasures.records import Erased
from app.erasures.selectors import MANY, known, parts_of
from app.erasures.tables import Erasure
from app.extensions import db
from app.jobs import job, periodic
from config import Settings

log = structlog.get_logger(__name__)


@job
def file_erasures() -> None:
    """Write down in the file what it doesn't have yet."""
    session, path = db.session(), ledger.path_of(_settings())
    unfiled = select(Erasure).where(Erasure.filed_at.is_(None)).order_by(Erasure.id).limit(MANY)
    while rows := session.scalars(unfiled).all():
        try:
            ledger.append(path, [Erased(row.kind, row.public_id, row.erased_at) for row in rows])
        except OSError as error:
            log.error("erasures_not_filed", rows=len(rows), reason=error.strerror)
            return
        ids = [row.id for row in rows]
        session.execute(update(Erasure).where(Erasure.id.in_(ids)).values(filed_at=now()))
        session.commit()


@periodic(minutes=60)
def compare_erasures() -> None:
    """File what got lost, and say so where the file lists what the database does not: it came from a backup."""
    file_erasures()
    missing = unknown(db.session(), _settings())
    if missing:
        log.error("backup_restored_without_erasures", missing=missing, command="flask --app wsgi erasures apply")


def unknown(session: Session, settings: Settings) -> int:
    """Count the lines of the file that the database knows nothing of."""
    path = ledger.path_of(settings)
    if not path.exists():
        return 0
    return sum(len(set(part) - known(session, part)) for part in parts_of(ledger.read(path, torn=True)))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
