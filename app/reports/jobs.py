"""Work on the files of reports that may wait: remove those that were erased, or never committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import PurePosixPath

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db
from app.jobs import job, periodic
from app.metrics import SWEPT
from app.reports.files import FOLDER, SIGNED, key_of
from app.reports.tables import Report, Signature
from app.results.jobs import FOLDER as ANALYSES
from app.storage import current_storage
from app.storage.sweeping import old_keys

BATCH = 500
MINUTES = 60  # between two sweeps

log = structlog.get_logger(__name__)


@job
def erase_reports(public_id: str, codes: Sequence[str]) -> None:
    """Remove the files of erased reports of an analysis; nothing happens to those whose row is there."""
    issued = set(db.session.scalars(select(Report.code).where(Report.code.in_(codes))))
    erased = set(codes) - issued
    current_storage().delete_all(key_of(public_id, code, signed=signed) for code in erased for signed in (False, True))


@periodic(minutes=MINUTES)
def sweep_reports() -> None:
    """Remove files of reports that are older than an hour and that no row refers to."""
    storage, removed = current_storage(), 0
    old = old_keys(storage, ANALYSES, moment=now(), every=timedelta(minutes=MINUTES))
    ours = (key for key in old if PurePosixPath(key).parent.name == FOLDER)
    while keys := list(islice(ours, BATCH)):
        orphans = list(_orphans(db.session(), keys))
        storage.delete_all(orphans)
        removed += len(orphans)
    if removed:
        log.info("orphans_removed", files=removed)
        SWEPT.labels("files of reports").inc(removed)


def _orphans(session: Session, keys: Iterable[str]) -> Iterator[str]:
    names = {key: PurePosixPath(key).stem for key in keys}
    codes = {name.removesuffix(SIGNED) for name in names.values()}
    joined = select(Report.code, Signature.report_id).outerjoin(Signature, Signature.report_id == Report.id)
    known = dict(session.execute(joined.where(Report.code.in_(codes))).all())
    for key, name in names.items():
        code = name.removesuffix(SIGNED)
        if code not in known or (name.endswith(SIGNED) and known[code] is None):
            yield key
