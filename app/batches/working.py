"""One item after the other: claim it, judge its file, classify it, write down what became of it. The caller commits.

A worker may be killed at any moment: what it had claimed is claimed again once the lease has run out, and the token of
an item makes one test of it however often it is worked on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.auth.tables import User
from app.batches.selectors import WITHOUT_ROWS
from app.batches.sending.naming import ONE
from app.batches.tables import DONE, FAILED, RUNNING, WAITING, Batch, BatchItem, original_key
from app.clock import now
from app.decoding.limits import Limits
from app.errors import AppError, NotFoundError, RefusedUploadError
from app.patients.filing.choices import known_of
from app.patients.filing.services import Destination
from app.patients.selectors import patients_of
from app.patients.services import require_active
from app.patients.tables import Patient
from app.results.records import PatientDetails
from app.storage import Storage
from app.upload.inspection import SafeImage, inspect
from app.upload.services import Answered, answer, submit

LEASE = timedelta(seconds=30)  # several times what the largest photograph takes
MOST_ATTEMPTS = 3  # a file that kills the worker is not tried for ever
STOPPED = "The work on this file was broken off three times."
LOST = "The file is no longer there. Please send it again, as another batch."
NOTHING = {"patient_name": None, "age": None, "sex": None, "body_site": None}
GONE = "The patient who was chosen for this batch is no longer there."


class StoppedError(AppError):
    """A file with which the worker has stopped again and again."""


Ready = tuple[SafeImage, Answered]


@dataclass(frozen=True, slots=True)
class Order:
    """What is done with all items of a batch, and for whom; read once for many of them."""

    batch: Batch
    author: User


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that is leased, how often it has been, and what is said of its photograph.

    `named` says that the item names its patient itself.
    """

    public_id: str
    attempts: int
    model: str
    details: PatientDetails
    named: bool


def order_of(session: Session, batch_id: int, turn: int) -> Order | None:
    """Return what to do, apart from the session; None if it is another job's turn, or if the batch is gone."""
    of_batch = (
        select(Batch, User).join(User, User.id == Batch.author_id).where(Batch.id == batch_id, Batch.turn == turn)
    )
    found = session.execute(of_batch.options(WITHOUT_ROWS)).first()
    if found is None:
        return None
    session.expunge_all()
    batch, author = found
    author.clinic_id = batch.clinic_id  # whoever has left since had sent it as a member
    return Order(batch, author)


def claim(session: Session, order: Order) -> Claim | None:
    """Lease the next waiting item of a batch; None if none waits. One that can't be kept anywhere is given up."""
    while (leased := session.execute(_leasing(order.batch.id)).first()) is not None:
        public_id, attempts, *said = leased
        try:
            if attempts > MOST_ATTEMPTS:
                raise StoppedError(STOPPED)
            named = said[0] is not None
            details = _details(order.batch, said, _destination(session, order, named=named))
        except AppError as error:
            give_up(session, public_id, attempts, error)
            session.flush()
        else:
            return Claim(public_id, attempts, order.batch.model_name, details, named)
    return None


def answered(storage: Storage, claim: Claim, limits: Limits) -> Ready:
    """Judge an item's file and classify it; RefusedUploadError, ClassifierUnavailableError. No database is asked."""
    try:
        content = storage.get(original_key(claim.public_id))
    except FileNotFoundError as error:
        raise RefusedUploadError(LOST) from error
    photograph = inspect(content, limits)
    given = answer(photograph, details=claim.details, model=claim.model)
    return photograph, replace(given, milliseconds=None)  # it has waited for others, and nobody for it


def keep(session: Session, storage: Storage, order: Order, claim: Claim, ready: Ready) -> None:
    """Make a test of an item; NotFoundError if it was deleted meanwhile, and whatever `submit` raises."""
    analysis = submit(
        session,
        storage,
        author=order.author,
        photograph=ready[0],
        details=claim.details,
        model=claim.model,
        token=claim.public_id,
        destination=_destination(session, order, named=claim.named),
        answered=ready[1],
    )
    made = {"analysis_id": analysis.id, "state": DONE, "reason": None, "kept": False, "finished_at": now(), **NOTHING}
    mine = update(BatchItem).where(BatchItem.public_id == claim.public_id).values(**made).returning(BatchItem.id)
    if session.execute(mine.execution_options(synchronize_session=False)).first() is None:
        raise NotFoundError("The batch was deleted.")


def put_back(session: Session, claims: Iterable[Claim], *, counted: bool) -> None:
    """Let wait again what was claimed, as an attempt or as if it had not been: what failed was not the item's fault."""
    for claim in claims:
        mine = BatchItem.public_id == claim.public_id, *_held(claim.attempts)
        again = {"state": WAITING, "attempts": claim.attempts if counted else claim.attempts - 1}
        session.execute(update(BatchItem).where(*mine).values(**again))


def give_up(session: Session, public_id: str, attempts: int, error: AppError) -> bool:
    """Write down why no test could be made, and tell whether the file is still needed; one that is at fault isn't.

    `attempts` is that of the claim. An item that was claimed by another worker since is left to that one.
    """
    item = session.scalar(select(BatchItem).where(BatchItem.public_id == public_id))
    if item is None:
        return False
    if (item.state, item.attempts) != (RUNNING, attempts):
        return item.kept
    if isinstance(error, RefusedUploadError):
        refuse(item, error.message)
    else:
        item.state, item.reason, item.retryable, item.finished_at = FAILED, error.message, True, now()
    return item.kept


def refuse(item: BatchItem, reason: str) -> None:
    """Write down why a file can't be worked on, whatever is tried; it is not kept."""
    item.state, item.reason, item.retryable, item.kept = FAILED, reason, False, False
    item.finished_at = now()


def _held(attempts: int) -> tuple[ColumnElement[bool], ...]:
    """Select an item that no other worker has claimed since."""
    return BatchItem.state == RUNNING, BatchItem.attempts == attempts


def _leasing(batch_id: int) -> ReturningUpdate[str, int, str | None, int | None, str | None, str | None]:
    waiting = select(BatchItem.id).where(BatchItem.batch_id == batch_id, BatchItem.state == WAITING)
    following = waiting.order_by(BatchItem.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    moment = now()
    leased = {"state": RUNNING, "leased_until": moment + LEASE, "started_at": moment}
    taking = update(BatchItem).where(BatchItem.id == following).values(attempts=BatchItem.attempts + 1, **leased)
    facts = BatchItem.patient_name, BatchItem.age, BatchItem.sex, BatchItem.body_site
    returned = taking.returning(BatchItem.public_id, BatchItem.attempts, *facts)
    return returned.execution_options(synchronize_session=False)


def _destination(session: Session, order: Order, *, named: bool) -> Destination | None:
    """Return the patient that was chosen for the batch; None where a name is to tell."""
    if named or not order.batch.chosen or order.batch.naming != ONE:
        return None
    patient = session.scalar(patients_of(order.author).where(Patient.id == order.batch.patient_id))
    if patient is None:
        raise NotFoundError(GONE)
    require_active(patient)
    return Destination(patient)


def _details(batch: Batch, said: Sequence[Any], destination: Destination | None) -> PatientDetails:
    """Return what was said of an item: name, age, sex, site; of a patient who was chosen, what is known besides."""
    name, age, sex, body_site = said
    if destination is not None:
        known = known_of(destination, now().year)
        age, sex = known["age"] if age is None else age, sex or known["sex"] or None
    return PatientDetails(name or batch.patient_name or "", age, sex, body_site, note=None)
