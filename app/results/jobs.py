"""Work on stored files that may wait: erase those of a deleted analysis, and those that no row refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.results.tables import Analysis
from app.storage import Storage, current_storage
from app.storage.local import PARTIAL

GRACE = timedelta(hours=1)  # a younger file may belong to a row that is not committed yet
BATCH = 500
FOLDER = "analyses"

log = structlog.get_logger(__name__)


@job
def erase_files(public_id: str) -> None:
    """Remove all files of a deleted analysis, its reports too; nothing happens while its row is there."""
    if not _known(db.session(), [public_id]):
        storage = current_storage()
        for key in [key for key, _ in storage.keys(f"{FOLDER}/{public_id}")]:
            storage.delete(key)


@periodic(minutes=30)
def sweep() -> None:
    """Remove files that are older than an hour and that no row refers to."""
    storage, removed = current_storage(), 0
    old = (key for key, written in storage.keys() if written < now() - GRACE)  # noqa: SIM118 - no mapping
    while batch := list(islice(old, BATCH)):
        removed += _remove_orphans(db.session(), storage, batch)
    if removed:
        log.info("orphans_removed", files=removed)


def _remove_orphans(session: Session, storage: Storage, keys: Iterable[str]) -> int:
    owners = dict(_owned(keys))
    known = _known(session, set(owners.values()))
    orphans = [key for key, public_id in owners.items() if public_id not in known]
    for key in orphans:
        storage.delete(key)
    return len(orphans)


def _owned(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pair the keys that are ours to sweep with their public id; half-written files have none."""
    for key in keys:
        folder, _, rest = key.partition("/")
        if folder == FOLDER:
            yield key, rest.partition("/")[0]
        elif key.startswith(PARTIAL):
            yield key, ""


def _known(session: Session, public_ids: Iterable[str]) -> set[str]:
    return set(session.scalars(select(Analysis.public_id).where(Analysis.public_id.in_(public_ids))))
