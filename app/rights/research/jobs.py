"""Look for writing in photographs that may be exported for research, a few at a time."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.errors import AppError, StorageUnavailableError
from app.extensions import db
from app.inference import WRITING_VERSION, looks_written_on
from app.jobs import periodic
from app.patients.consents.selectors import has_agreed
from app.patients.consents.tables import RESEARCH
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.rights.research.tables import PhotographCheck
from app.storage import current_storage

MOST = 200  # photographs in one round: some ten seconds

log = structlog.get_logger(__name__)


@periodic(minutes=5)
def check_photographs() -> None:
    """Check what has not been checked by the present program; what is no picture counts as written on."""
    session, storage = db.session(), current_storage()
    checked = select(PhotographCheck.analysis_id).where(
        PhotographCheck.analysis_id == Analysis.id, PhotographCheck.version == WRITING_VERSION
    )
    agreed = select(Analysis).join(Patient, Patient.id == Analysis.patient_id).where(has_agreed(RESEARCH))
    for analysis in session.scalars(agreed.where(~checked.exists()).order_by(Analysis.id).limit(MOST)).all():
        try:
            photograph = storage.get(analysis.photograph_key)
        except FileNotFoundError:
            photograph = b""
        except StorageUnavailableError:
            return
        except AppError as error:  # encrypted with a key that is not here: later, perhaps
            log.error("photograph_not_checked", key=analysis.photograph_key, reason=error.message)
            continue
        _keep(session, analysis.id, written=True)  # should looking at it stop the worker, a person looks
        _keep(session, analysis.id, written=_looks_written_on(photograph, analysis.photograph_key))


def _looks_written_on(photograph: bytes, key: str) -> bool:
    try:
        return looks_written_on(photograph)
    except (OSError, SyntaxError, ValueError):  # what Pillow raises
        log.warning("photograph_not_checked", key=key)
        return True


def _keep(session: Session, analysis_id: int, *, written: bool) -> None:
    row = {"analysis_id": analysis_id, "version": WRITING_VERSION, "written": written, "checked_at": now()}
    session.merge(PhotographCheck(**row))
    session.commit()
