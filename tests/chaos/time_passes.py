"""Time that passes at once: leases run out, and what the clock runs is run, as after so many minutes or hours."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app import batches, reports, results, upload
from app.api.idempotency.tables import IdempotencyKey
from app.batches.tables import CANCELLED, DONE, FAILED, RUNNING, Batch, BatchItem
from app.clock import now
from app.extensions import db
from app.results.outlines.jobs import measure_missed
from app.results.outlines.tables import LesionOutline, OutlineAttempt
from app.results.tables import Analysis
from app.storage import sweeping
from tests.chaos.programs import wait_for
from tests.chaos.sites import Site

AT_ONCE = timedelta(0)
SETTLING_SECONDS = 300
TURNS = 20


def minutes_pass(site: Site) -> None:
    """Let what a dead process had leased, and jobs that did not come, be found again."""
    let_keys_go(site)
    past = now() - timedelta(seconds=1)
    with site.session() as session:
        session.execute(update(BatchItem).where(BatchItem.state == RUNNING).values(leased_until=past))
        session.execute(update(Batch).where(Batch.due.is_not(None)).values(due=past))
        session.execute(update(OutlineAttempt).values(next_at=past))
        session.commit()
        batches.jobs.recover()
        measure_missed()


def let_keys_go(site: Site) -> None:
    """Let two minutes pass for requests that were begun with a key, and whose process has died.

    Nothing passes in a database that is away, or full.
    """
    past = now() - timedelta(seconds=1)
    with suppress(OperationalError), site.session() as session:
        unfinished = update(IdempotencyKey).where(IdempotencyKey.location.is_(None), IdempotencyKey.leased_until > past)
        session.execute(unfinished.values(leased_until=past))
        session.commit()


def hours_pass(site: Site) -> None:
    """Let files that belong to no row grow old, and be swept."""
    with site.session(), pytest.MonkeyPatch.context() as patched:
        for module, name in (
            (sweeping, "GRACE"),
            (results.jobs, "GRACE"),
            (batches.jobs, "GRACE"),
            (upload.dicom.jobs, "KEPT_FOR"),
        ):
            patched.setattr(module, name, AT_ONCE)
        for sweep in (
            results.jobs.sweep,
            reports.jobs.sweep_reports,
            batches.jobs.tidy,
            upload.dicom.jobs.sweep_uploads,
        ):
            sweep()
            db.session.commit()


def settle(site: Site) -> None:
    """Let time pass until all work is done, with whatever programs run, and then until all is swept."""

    def done() -> bool:
        with site.session() as session:
            settled = BatchItem.state.in_((DONE, FAILED, CANCELLED))
            waiting = session.scalar(select(BatchItem.id).where(~settled).limit(1))
            measured = session.scalar(select(Analysis.id).where(~_outlined()).limit(1))
            return waiting is None and measured is None

    turn = count()

    def passes() -> bool:
        if done():
            return True
        if next(turn) % TURNS == 0:  # what was sent again has some seconds to come
            minutes_pass(site)
        return False

    wait_for(passes, "all work is done", SETTLING_SECONDS, every=0.25)
    hours_pass(site)


def _outlined():
    return select(LesionOutline.analysis_id).where(LesionOutline.analysis_id == Analysis.id).exists()
