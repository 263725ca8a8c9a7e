"""Work on stored files that may wait: erase those of a deleted analysis, and those that no row refers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.metrics import SWEPT
from app.results.tables import Analysis
from app.storage import Storage, current_storage
from app.storage.sweeping import GRACE, old_keys

BATCH = 500
FOLDER = "analyses"
MINUTES = 30  # between two sweeps

log = structlog.get_logger(__name__)


@job
def erase_files(public_id: str) -> None:
    """Remove all files of a deleted analysis, its reports too; nothing happens while its row is there."""
    if not _known(db.session(), [public_id]):
        storage = current_storage()
        storage.delete_all([key for key, _ in storage.keys(f"{FOLDER}/{public_id}")])


@periodic(minutes=MINUTES)
def sweep() -> None:
    """Remove files that are older than an hour and that no row refers to, and what was left half-written."""
    storage, moment = current_storage(), now()
    removed = storage.remove_unfinished(moment - GRACE)
    old = old_keys(storage, FOLDER, moment=moment, every=timedelta(minutes=MINUTES))
    while batch := list(islice(old, BATCH)):
        removed += _remove_orphans(db.session(), storage, batch)
    if removed:
        log.info("orphans_removed", files=removed)
        SWEPT.labels("files").inc(removed)


def _remove_orphans(session: Session, storage: Storage, keys: Sequence[str]) -> int:
    owners = {key: key.split("/")[1] for key in keys}
    known = _known(session, set(owners.values()))
    orphans = [key for key, public_id in owners.items() if public_id not in known]
    storage.delete_all(orphans)
    return len(orphans)


def _known(session: Session, public_ids: Iterable[str]) -> set[str]:
    return set(session.scalars(select(Analysis.public_id).where(Analysis.public_id.in_(public_ids))))
