"""What was on the page of a form: what a colleague has written since is not silently replaced."""

from __future__ import annotations

import hashlib
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import AppError, NotFoundError
from app.patients.records import LesionFacts, PatientFacts
from app.patients.tables import Lesion, Patient

Record = TypeVar("Record", Patient, Lesion)


class WrittenMeanwhileError(AppError):
    """Somebody else has changed the record since the page was made that the form stood on."""

    status = 409
    title = "Changed by somebody else"


def print_of(record: Patient | Lesion) -> str:
    """Return what stands for all that is written of a patient or a lesion."""
    facts = PatientFacts.of(record) if isinstance(record, Patient) else LesionFacts.of(record)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def require_unchanged(session: Session, record: Record, seen: str | None) -> None:
    """Let nobody else write before this transaction ends, and read the record again.

    WrittenMeanwhileError if it is not what was `seen`; "" and None are of a form that does not say. NotFoundError.
    """
    table = type(record)
    session.execute(update(table).where(table.id == record.id).values(public_id=table.public_id))
    again = select(table).where(table.id == record.id).execution_options(populate_existing=True)
    if session.scalar(again) is None:
        raise NotFoundError("This record was just removed or merged by somebody else.")
    if seen and seen != print_of(record):
        raise WrittenMeanwhileError("This was changed by somebody else since you opened it.")
