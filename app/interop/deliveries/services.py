"""What can be done with deliveries: ask for one, try one again, take one back. The caller commits."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.interop.deliveries.destinations import current_destinations, destination_called
from app.interop.deliveries.jobs import deliver
from app.interop.deliveries.selectors import undelivered_of
from app.interop.deliveries.tables import CANCELLED, FAILED, OPEN, WAITING, Delivery
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed, require_shown


class TooLateError(AppError):
    """A delivery was to be taken back, or tried again, when there was nothing left to do."""

    status = 409
    title = "This has changed in the meantime"


def request_delivery(session: Session, analysis: Analysis, destination: str, *, author: User) -> Delivery:
    """Have an analysis sent, and flush the row; where one is on its way there already, return that.

    What was sent before is sent again. NotFoundError if no such system is configured, ConcealedError if whoever
    asks must not see the answer yet.
    """
    _require_possible(session, analysis, destination, author)
    delivery = _open(session, analysis, destination)
    if delivery is None:
        delivery = Delivery(
            analysis_id=analysis.id, clinic_id=analysis.clinic_id, author_id=author.id, destination=destination
        )
        session.add(delivery)
        session.flush()
        deliver.send_after_commit(session, delivery.public_id)
    return delivery


def retry(session: Session, analysis: Analysis, delivery: Delivery, *, author: User) -> None:
    """Try a delivery now that waits for its next attempt, or that was given up, as if it had just been asked for.

    Errors as those of `request_delivery`; TooLateError if it is on its way, was sent, or if another one is on its way.
    """
    _require_possible(session, analysis, delivery.destination, author)
    other = _open(session, analysis, delivery.destination)
    again = {
        "author_id": author.id, "state": WAITING, "attempts": 0, "next_attempt_at": now(), "leased_until": None,
    }  # fmt: skip
    if (other is not None and other.id != delivery.id) or not _moved(session, delivery, (WAITING, FAILED), again):
        raise TooLateError("This is on its way already, or has been sent.")
    deliver.send_after_commit(session, delivery.public_id)


def retry_all(session: Session, user: User, most: int) -> int:
    """Try what was given up again, where that is possible, the newest first; return how much there is of that."""
    count = 0
    for delivery, analysis in undelivered_of(session, user, most):
        if delivery.destination in current_destinations() and not concealed(user, analysis):
            retry(session, analysis, delivery, author=user)
            count += 1
    return count


def cancel(session: Session, delivery: Delivery) -> None:
    """Take a delivery back that waits; TooLateError if it does not."""
    if not _moved(session, delivery, (WAITING,), {"state": CANCELLED}):
        raise TooLateError("This does not wait any more: it is being sent, was sent, or was given up.")


def _require_possible(session: Session, analysis: Analysis, destination: str, author: User) -> None:
    destination_called(destination)
    require_shown(author, analysis)
    # nobody else asks for a delivery of this analysis before this transaction ends: what is read next holds
    row = update(Analysis).where(Analysis.id == analysis.id).execution_options(synchronize_session=False)
    session.execute(row.values(retake=Analysis.retake))


def _open(session: Session, analysis: Analysis, destination: str) -> Delivery | None:
    to_there = Delivery.analysis_id == analysis.id, Delivery.destination == destination
    return session.scalar(select(Delivery).where(*to_there, OPEN))


def _moved(session: Session, delivery: Delivery, states: tuple[str, ...], values: dict[str, object]) -> bool:
    """Change a delivery that is in one of these states, and tell whether it was."""
    row = update(Delivery).where(Delivery.id == delivery.id, Delivery.state.in_(states)).values(**values)
    moved = session.execute(row.returning(Delivery.id).execution_options(synchronize_session=False)).first()
    session.expire(delivery)
    return moved is not None
