"""One delivery: claim it, send it, write down what became of it. The caller commits.

A worker may be killed at any moment: what it had claimed is claimed again once the lease has run out, so that the other
side may be sent the same twice. A failure that may pass lets everything else for that system wait a little too: a
system that hangs holds the worker, which there is one of, for one attempt a minute at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError, NotFoundError, StorageUnavailableError
from app.interop.deliveries.destinations import DeliveryError, destination_called
from app.interop.deliveries.tables import FAILED, LONGEST_REASON, LONGEST_REFERENCE, SENDING, SENT, WAITING, Delivery
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.storage import Storage

LEASE = timedelta(minutes=10)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
MOST_ATTEMPTS = len(PAUSES) + 1
BREATH = timedelta(minutes=1)  # for other deliveries to a system that has just failed
LEFT = "Whoever asked for this has left the clinic. Please try it again yourself."
STOPPED = "The attempts to send this have stopped the worker again and again. Please tell your administrator."


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours until `leased_until`, and the how manieth attempt this is."""

    public_id: str
    analysis_id: int
    destination: str
    attempts: int
    leased_until: datetime


def claim(session: Session, public_id: str) -> Claim | None:
    """Lease a delivery that waits and is due; None if it does not, is not, or is gone."""
    moment = now()
    due = Delivery.public_id == public_id, Delivery.state == WAITING, Delivery.next_attempt_at <= moment
    leased = {"state": SENDING, "leased_until": moment + LEASE, "attempts": Delivery.attempts + 1}
    taking = update(Delivery).where(*due).values(**leased)
    facts = Delivery.public_id, Delivery.analysis_id, Delivery.destination, Delivery.attempts
    taken = session.execute(taking.returning(*facts).execution_options(synchronize_session=False)).first()
    return None if taken is None else Claim(*taken, moment + LEASE)


def send(session: Session, storage: Storage, claim: Claim) -> str:
    """Send what was claimed, and return what the other side calls it; AppError."""
    destination = destination_called(claim.destination)
    asked = select(Analysis, User).join(Delivery, Delivery.analysis_id == Analysis.id)
    asked = asked.join(User, User.id == Delivery.author_id).where(Delivery.public_id == claim.public_id)
    found = session.execute(asked).first()
    if found is None:
        raise NotFoundError("The test was deleted.")
    analysis, author = found
    if author.clinic_id != analysis.clinic_id:
        raise DeliveryError(LEFT, permanent=True)
    if concealed(author, analysis):
        raise DeliveryError(f"{CONCEALED}.", permanent=True)
    return destination.send(session, storage, analysis, author)


def keep(session: Session, claim: Claim, reference: str) -> None:
    """Write down that a delivery has arrived."""
    arrived = {"state": SENT, "sent_at": now(), "reference": reference[:LONGEST_REFERENCE], "reason": None}
    _settle(session, claim, **arrived, leased_until=None)


def put_off(session: Session, claim: Claim, error: AppError) -> bool:
    """Write down why an attempt failed, and when the next one is; tell whether none follows, as it would not help."""
    reason = error.message[:LONGEST_REASON]
    if _is_final(error) or claim.attempts >= MOST_ATTEMPTS:
        _settle(session, claim, state=FAILED, reason=reason, leased_until=None)
        return True
    asked = _asked_for(error)
    pause = max(PAUSES[claim.attempts - 1], asked)
    _settle(session, claim, state=WAITING, reason=reason, leased_until=None, next_attempt_at=now() + pause)
    _let_wait(session, claim.destination, now() + max(BREATH, asked))
    return False


def recover(session: Session, most: int) -> list[str]:
    """Let wait again what a worker held who is gone; return what is due, the longest waiting first."""
    moment = now()
    stuck = Delivery.state == SENDING, Delivery.leased_until < moment
    unsynchronised = {"synchronize_session": False}
    stopped = update(Delivery).where(*stuck, Delivery.attempts >= MOST_ATTEMPTS)
    session.execute(stopped.values(state=FAILED, reason=STOPPED, leased_until=None), execution_options=unsynchronised)
    freed = update(Delivery).where(*stuck).values(state=WAITING, next_attempt_at=moment, leased_until=None)
    session.execute(freed, execution_options=unsynchronised)
    due = select(Delivery.public_id).where(Delivery.state == WAITING, Delivery.next_attempt_at <= moment)
    return list(session.scalars(due.order_by(Delivery.next_attempt_at, Delivery.id).limit(most)))


def _is_final(error: AppError) -> bool:
    """Tell whether another attempt would fail in the same way: all but what its sender says may pass, or storage."""
    if isinstance(error, StorageUnavailableError):
        return False
    return not isinstance(error, DeliveryError) or error.permanent


def _asked_for(error: AppError) -> timedelta:
    """Return for how long the other side wants to be left alone, a day at most."""
    seconds: float = getattr(error, "retry_after", None) or 0.0
    return timedelta(seconds=min(seconds, PAUSES[-1].total_seconds()))


def _settle(session: Session, claim: Claim, **values: object) -> None:
    """Write down what became of a delivery, unless its lease has run out and it is another's by now."""
    mine = Delivery.public_id == claim.public_id, Delivery.leased_until == claim.leased_until
    settled = update(Delivery).where(*mine, Delivery.state == SENDING).values(**values)
    session.execute(settled, execution_options={"synchronize_session": False})


def _let_wait(session: Session, destination: str, until: datetime) -> None:
    others = Delivery.destination == destination, Delivery.state == WAITING, Delivery.next_attempt_at < until
    waiting = update(Delivery).where(*others).values(next_attempt_at=until)
    session.execute(waiting, execution_options={"synchronize_session": False})
