"""Look for writing in photographs that may be exported for research, a few at a time."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from app.clock import now
from app.errors import AppError
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
    """Check what has not been checked by the present program; what can't be read counts as written on."""
    session, storage = db.session(), current_storage()
    checked = select(PhotographCheck.analysis_id).where(
        PhotographCheck.analysis_id == Analysis.id, PhotographCheck.version == WRITING_VERSION
    )
    agreed = select(Analysis).join(Patient, Patient.id == Analysis.patient_id).where(has_agreed(RESEARCH))
    for analysis in session.scalars(agreed.where(~checked.exists()).order_by(Analysis.id).limit(MOST)).all():
        try:
            written = looks_written_on(storage.get(analysis.photograph_key))
        except AppError as error:  # encrypted with a key that is not here: later, perhaps
            log.error("photograph_not_checked", key=analysis.photograph_key, reason=error.message)
            continue
        except (OSError, SyntaxError, ValueError):  # what Pillow raises, and a missing file
            log.warning("photograph_not_checked", key=analysis.photograph_key)
            written = True
        row = {"analysis_id": analysis.id, "version": WRITING_VERSION, "written": written, "checked_at": now()}
        session.merge(PhotographCheck(**row))
        session.commit()
