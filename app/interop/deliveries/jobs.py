"""The worker's part: what was asked for is sent, and what is due, or got lost, is taken up by the clock."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import Event, note
from app.audit.events import DONE, FAILED, SHARE, TEST
from app.errors import AppError
from app.extensions import db
from app.interop.deliveries import working
from app.jobs import job, periodic
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import current_storage

MOST = 100  # deliveries in one round

log = structlog.get_logger(__name__)


@job
def deliver(public_id: str) -> None:
    """Try once to send a delivery that is due; nothing happens if it is gone, or another worker's."""
    session = db.session()
    claim = working.claim(session, public_id)
    session.commit()
    if claim is None:
        return
    try:
        reference = working.send(session, current_storage(), claim)
    except AppError as error:
        session.rollback()
        given_up = working.put_off(session, claim, error)
        _record(session, claim, FAILED)
        log.warning("delivery_failed", destination=claim.destination, attempt=claim.attempts, given_up=given_up)
    else:
        session.rollback()  # what was read for it: a transaction that has stood for so long can't write
        working.keep(session, claim, reference)
        _record(session, claim, DONE)
        log.info("delivered", destination=claim.destination, attempt=claim.attempts)
    session.commit()


def _record(session: Session, claim: working.Claim, outcome: str) -> None:
    """Have the audit log say what was sent, and where; nothing if the test was deleted meanwhile."""
    sent = select(Analysis.public_id, Analysis.clinic_id, Patient.public_id).outerjoin(
        Patient, Patient.id == Analysis.patient_id
    )
    found = session.execute(sent.where(Analysis.id == claim.analysis_id)).one_or_none()
    public_id, clinic_id, patient_id = found or (None, None, None)
    note(
        session,
        Event(
            SHARE,
            deliver.name,
            outcome,
            clinic_id=clinic_id,
            subject_kind=TEST,
            subject_id=public_id,
            patient_id=patient_id,
            channel="job",
            details={"destination": claim.destination, "attempt": claim.attempts, "delivery": claim.public_id},
        ),
    )


@periodic(minutes=1)
def take_up() -> None:
    """Send again what is due, and what a worker held who is gone."""
    session = db.session()
    due = working.recover(session, MOST)
    session.commit()
    for public_id in due:
        deliver.send(public_id)
