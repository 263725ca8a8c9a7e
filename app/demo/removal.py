"""Remove what the demonstration made, and nothing else. The caller commits, and erases the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.auth.tables import Clinic, User
from app.batches.services import remove as remove_batch
from app.batches.tables import Batch, BatchItem
from app.demo.tables import DemoRecord
from app.interop.deliveries.tables import Delivery
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion, Patient
from app.results.services import remove
from app.results.tables import Analysis

AUTHORED = tuple(table.author_id for table in (Analysis, Patient, Batch, FollowUp, Delivery))
# whatever hangs on these keeps them: it was added by somebody
HELD_BY: Sequence[tuple[type[Any], InstrumentedAttribute[str], Sequence[InstrumentedAttribute[Any]]]] = (
    (Lesion, Lesion.public_id, (Analysis.lesion_id,)),
    (Patient, Patient.public_id, (Analysis.patient_id, Lesion.patient_id)),
    (User, User.email, AUTHORED),
    (Clinic, Clinic.public_id, (User.clinic_id, Analysis.clinic_id, Patient.clinic_id, Batch.clinic_id)),
)


@dataclass(frozen=True, slots=True)
class Removed:
    """The public ids of the tests that were removed, and how many rows stay because something hangs on them."""

    tests: Sequence[str]
    kept: int


def remove_demonstration(session: Session) -> Removed:
    """Remove tests and batches, then the lesions, patients and accounts on which nothing hangs that somebody added."""
    batches = select(Batch.id).where(Batch.public_id.in_(_recorded(Batch)))
    of_batches = select(BatchItem.analysis_id).where(BatchItem.batch_id.in_(batches))
    made = or_(Analysis.public_id.in_(_recorded(Analysis)), Analysis.id.in_(of_batches))
    tests = session.scalars(select(Analysis).where(made)).all()
    public_ids = [test.public_id for test in tests]
    for test in tests:
        remove(session, test)
    for batch in session.scalars(select(Batch).where(Batch.id.in_(batches))).all():
        remove_batch(session, batch)
    kept = 0
    for table, key, holders in HELD_BY:
        free = [~exists().where(holder == table.id) for holder in holders]
        session.execute(delete(table).where(key.in_(_recorded(table)), *free))
        session.flush()
        kept += len(session.scalars(select(key).where(key.in_(_recorded(table)))).all())
    session.execute(delete(DemoRecord))
    session.expire_all()
    return Removed(public_ids, kept)


def _recorded(table: type[Any]) -> Any:
    return select(DemoRecord.key).where(DemoRecord.kind == table.__tablename__)
