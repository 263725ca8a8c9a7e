"""One item after the other: claim it, judge its file, classify it, write down what became of it. The caller commits.

A worker may be killed at any moment: what it had claimed is claimed again once the lease has run out, and the token of
an item makes one test of it however often it is worked on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

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
from app.upload.services import submit

LEASE = timedelta(seconds=30)  # several times what the largest photograph takes
MOST_ATTEMPTS = 3  # a file that kills the worker is not tried for ever
STOPPED = "The work on this file has stopped the worker three times."
LOST = "The file is no longer there. Please send it again, as another batch."
GONE = "The patient who was chosen for this batch is no longer there."


class Claim(NamedTuple):
    """An item that is leased, and how often it has been."""

    public_id: str
    attempts: int


def claim(session: Session, batch_id: int) -> Claim | None:
    """Lease the next waiting item of a batch; None if none waits."""
    while (item := session.scalar(_next(batch_id))) is not None:
        if item.attempts >= MOST_ATTEMPTS:
            fail(item, STOPPED, retryable=True)
            session.flush()
            continue
        moment = now()
        leased = {"state": RUNNING, "leased_until": moment + LEASE, "started_at": moment}
        mine = update(BatchItem).where(BatchItem.id == item.id, BatchItem.state == WAITING)
        won = session.execute(mine.values(attempts=BatchItem.attempts + 1, **leased).returning(BatchItem.attempts))
        attempts = won.scalar()
        if attempts is not None:
            return Claim(item.public_id, attempts)
    return None


def judged(storage: Storage, public_id: str, limits: Limits) -> SafeImage:
    """Read and judge an item's file; RefusedUploadError says why it can't be used. No database is asked."""
    try:
        content = storage.get(original_key(public_id))
    except FileNotFoundError as error:
        raise RefusedUploadError(LOST) from error
    return inspect(content, limits)


def classify_item(session: Session, storage: Storage, public_id: str, photograph: SafeImage) -> None:
    """Make a test of an item; nothing happens to one that was deleted meanwhile. Raises what `submit` does."""
    item, batch, owner = _whole(session, public_id)
    destination = _destination(session, batch, item, owner)
    analysis = submit(
        session,
        storage,
        owner=owner,
        photograph=photograph,
        details=_details(batch, item, destination),
        model=batch.model_name,
        token=item.public_id,
        destination=destination,
    )
    item.analysis_id, item.state, item.reason, item.kept = analysis.id, DONE, None, False
    item.patient_name = item.age = item.sex = item.body_site = None
    item.finished_at = now()
    session.flush()


def give_up(session: Session, public_id: str, error: AppError) -> None:
    """Write down why no test could be made; what lies in the file itself is not tried again."""
    item = session.scalar(select(BatchItem).where(BatchItem.public_id == public_id))
    if item is None:
        return
    if isinstance(error, RefusedUploadError):
        refuse(item, error.message)
    else:
        fail(item, error.message, retryable=True)


def refuse(item: BatchItem, reason: str) -> None:
    """Write down why a file can't be worked on, whatever is tried; it is not kept."""
    fail(item, reason, retryable=False)
    item.kept = False


def fail(item: BatchItem, reason: str, *, retryable: bool) -> None:
    """Write down why there is no answer."""
    item.state, item.reason, item.retryable, item.finished_at = FAILED, reason, retryable, now()


def _next(batch_id: int) -> Select[BatchItem]:
    waiting = select(BatchItem).where(BatchItem.batch_id == batch_id, BatchItem.state == WAITING)
    return waiting.order_by(BatchItem.id).limit(1).execution_options(populate_existing=True)


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
