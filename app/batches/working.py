"""One item after the other: claim it, judge its file, classify it, write down what became of it. The caller commits.

A worker may be killed at any moment: what it had claimed is claimed again once the lease has run out, and the token of
an item makes one test of it however often it is worked on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.auth.tables import User
from app.batches.sending.naming import ONE
from app.batches.tables import DONE, FAILED, RUNNING, WAITING, Batch, BatchItem, original_key
from app.clock import now
from app.errors import AppError, NotFoundError, RefusedUploadError
from app.inference import OLDEST
from app.patients.filing.choices import known_of
from app.patients.filing.services import Destination
from app.patients.selectors import patients_of
from app.patients.services import require_active
from app.patients.tables import Patient
from app.results.records import PatientDetails
from app.storage import Storage
from app.upload.inspection import Limits, SafeImage, inspect
from app.upload.services import Answered, answer, submit

LEASE = timedelta(seconds=30)  # several times what the largest photograph takes
MOST_ATTEMPTS = 3  # a file that kills the worker is not tried for ever
STOPPED = "The work on this file has stopped the worker three times."
LOST = "The file is no longer there. Please send it again, as another batch."
GONE = "The patient who was chosen for this batch is no longer there."


class StoppedError(AppError):
    """A file with which the worker has stopped again and again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that is leased, how often it has been, and what is said of its photograph."""

    public_id: str
    attempts: int
    model: str
    details: PatientDetails


def claim(session: Session, batch_id: int) -> Claim | None:
    """Lease the next waiting item of a batch; None if none waits. One that can't be kept anywhere is given up."""
    while (leased := session.execute(_leasing(batch_id)).first()) is not None:
        public_id, attempts = leased
        item, batch, owner = _whole(session, public_id)
        try:
            if attempts > MOST_ATTEMPTS:
                raise StoppedError(STOPPED)
            details = _details(batch, item, _destination(session, batch, item, owner))
        except AppError as error:
            give_up(session, public_id, error)
            session.flush()
        else:
            return Claim(public_id, attempts, batch.model_name, details)
    return None


def answered(storage: Storage, claim: Claim, limits: Limits) -> tuple[SafeImage, Answered]:
    """Judge an item's file and classify it; RefusedUploadError, ClassifierUnavailableError. No database is asked."""
    try:
        content = storage.get(original_key(claim.public_id))
    except FileNotFoundError as error:
        raise RefusedUploadError(LOST) from error
    photograph = inspect(content, limits)
    given = answer(photograph, details=claim.details, model=claim.model)
    return photograph, replace(given, milliseconds=None)  # it has waited for others, and nobody for it


def keep(session: Session, storage: Storage, claim: Claim, photograph: SafeImage, answer: Answered) -> None:
    """Make a test of an item; NotFoundError if it was deleted meanwhile, and whatever `submit` raises."""
    item, batch, owner = _whole(session, claim.public_id)
    analysis = submit(
        session,
        storage,
        owner=owner,
        photograph=photograph,
        details=claim.details,
        model=claim.model,
        token=claim.public_id,
        destination=_destination(session, batch, item, owner),
        answered=answer,
    )
    item.analysis_id, item.state, item.reason, item.kept = analysis.id, DONE, None, False
    item.patient_name = item.age = item.sex = item.body_site = None
    item.finished_at = now()
    session.flush()


def give_up(session: Session, public_id: str, error: AppError) -> bool:
    """Write down why no test could be made, and tell whether the file is still needed; one that is at fault isn't."""
    item = session.scalar(select(BatchItem).where(BatchItem.public_id == public_id))
    if item is None:
        return False
    if isinstance(error, RefusedUploadError):
        refuse(item, error.message)
    else:
        item.state, item.reason, item.retryable, item.finished_at = FAILED, error.message, True, now()
    return item.kept


def refuse(item: BatchItem, reason: str) -> None:
    """Write down why a file can't be worked on, whatever is tried; it is not kept."""
    item.state, item.reason, item.retryable, item.kept = FAILED, reason, False, False
    item.finished_at = now()


def _leasing(batch_id: int) -> ReturningUpdate[str, int]:
    waiting = select(BatchItem.id).where(BatchItem.batch_id == batch_id, BatchItem.state == WAITING)
    following = waiting.order_by(BatchItem.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    moment = now()
    leased = {"state": RUNNING, "leased_until": moment + LEASE, "started_at": moment}
    taking = update(BatchItem).where(BatchItem.id == following).values(attempts=BatchItem.attempts + 1, **leased)
    return taking.returning(BatchItem.public_id, BatchItem.attempts).execution_options(synchronize_session=False)


def _whole(session: Session, public_id: str) -> tuple[BatchItem, Batch, User]:
    found = session.execute(
        select(BatchItem, Batch, User)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .join(User, User.id == Batch.owner_id)
        .where(BatchItem.public_id == public_id)
    ).first()
    if found is None:
        raise NotFoundError("The batch was deleted.")
    return found[0], found[1], found[2]


def _destination(session: Session, batch: Batch, item: BatchItem, owner: User) -> Destination | None:
    """Return the patient that was chosen for the batch; None where a name is to tell."""
    if item.patient_name is not None or batch.naming != ONE:
        return None
    if batch.patient_id is None:
        if batch.chosen:
            raise NotFoundError(GONE)
        return None
    patient = session.scalar(patients_of(owner).where(Patient.id == batch.patient_id))
    if patient is None:
        raise NotFoundError(GONE)
    require_active(patient)
    return Destination(patient)


def _details(batch: Batch, item: BatchItem, destination: Destination | None) -> PatientDetails:
    """Return what was said of an item; of a patient who was chosen, what is known besides."""
    said = PatientDetails(
        patient_name=item.patient_name or batch.patient_name or "",
        age=item.age,
        sex=item.sex,
        body_site=item.body_site,
        note=None,
    )
    if destination is None:
        return said
    known = known_of(destination, now().year)
    age = said.age if said.age is not None else known["age"]
    return replace(said, age=age if age is None else min(age, OLDEST), sex=said.sex or known["sex"] or None)
