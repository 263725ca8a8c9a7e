"""What operations ask of backups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.backups.tables import BackupMade


def last_good_backup(session: Session) -> datetime | None:
    """Return the moment that the last backup is of from which nothing was missing; None if there was none."""
    return session.scalar(select(func.max(BackupMade.taken_at)).where(BackupMade.missing == 0))
