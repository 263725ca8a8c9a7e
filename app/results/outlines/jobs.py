"""Measuring in the background: each photograph once it is kept, and by the clock those that were missed.

Answers go first: photographs of a batch are measured once the batch has been answered.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import ClassifierUnavailableError
from app.extensions import db
from app.inference import outline_version
from app.jobs import idle_job, periodic
from app.results.outlines import services
from app.results.outlines.selectors import is_measured, unmeasured
from app.results.tables import Analysis
from app.storage import current_storage

BATCH = 200  # photographs in one round

log = structlog.get_logger(__name__)


@idle_job
def measure(public_id: str, *, again: bool = False) -> None:
    """Outline and measure one photograph; nothing happens if it is gone or measured, or without a network to ask.

    `again`: it was missed before, perhaps because it stops the worker each time. So the attempt is written down first.
    """
    session = db.session()
    analysis = session.scalar(select(Analysis).where(Analysis.public_id == public_id))
    version = outline_version()
    if analysis is None or version is None or is_measured(session, analysis, version):
        return
    try:
        if again and not _begun_again(session, analysis, version):
            return
        services.measure(session, current_storage(), analysis, version=version)
        if again:
            services.forget_attempts(session, analysis)
        session.commit()
    except ClassifierUnavailableError:  # logged where it was found; the rounds come back to it
        session.rollback()
    except IntegrityError:  # deleted meanwhile, or measured by another worker
        session.rollback()


@periodic(minutes=5)
def measure_missed() -> None:
    """Have some photographs measured that have no outline by the present network, the newest first."""
    version = outline_version()
    waiting = () if version is None else unmeasured(db.session(), version, BATCH)
    for public_id in waiting:
        measure.send(public_id, again=True)
    if waiting:
        log.info("outlines_missed", photographs=len(waiting))


def _begun_again(session: Session, analysis: Analysis, version: str) -> bool:
    begun = services.begin_again(session, analysis, version=version)
    session.commit()
    return begun
