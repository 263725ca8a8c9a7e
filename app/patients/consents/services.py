"""What can be done with consents: record what a patient said. The caller commits."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.consents.records import Statement
from app.patients.consents.tables import USES, WAYS, Consent
from app.patients.tables import Patient


def record(session: Session, patient: Patient, *, author: User, statement: Statement) -> Consent:
    """Write down that consent was given or withdrawn, in force from now on, and flush the row."""
    if statement.purpose not in USES or statement.how not in WAYS:
        raise ValueError("no such use of data, or no such way to agree to it")
    consent = Consent(patient_id=patient.id, author_id=author.id, author_name=author.name, **asdict(statement))
    session.add(consent)
    session.flush()
    return consent
