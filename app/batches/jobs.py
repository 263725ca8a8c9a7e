"""The worker's part: batches a slice at a time, what got stuck sent again, what is no longer needed erased.

There is one worker, and other jobs wait in the same queue. So a job works on its batch for a few seconds only and then
sends itself again, behind whatever has come meanwhile: an erasure waits for one slice of each batch, not for a thousand
photographs. Each sending raises the batch's `turn`, and a job of an earlier turn does nothing: however often jobs are
sent, or found again, one at a time is at work on a batch.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.batches.tables import CANCELLED, FAILED, RUNNING, WAITING, Batch, BatchItem, original_key
from app.batches.working import NOTHING, Claim, Order, Ready, answered, claim, give_up, keep, order_of
from app.clock import now
from app.decoding.limits import Limits
from app.errors import AppError
from app.extensions import db
from app.jobs import job, periodic
from app.storage import Storage, current_storage

SLICE_SECONDS = 3.0
THREADS = 2  # each judges and classifies a photograph at a time
IN_HAND = 4  # items: two in those threads, one that waits for a thread, and one that is being written down
OVERDUE = timedelta(minutes=10)  # a job that has not begun by then has got lost
GRACE = timedelta(hours=1)  # a younger file may belong to a row that is not committed yet
FOLDER = original_key("")
MANY = 500
NOT_STARTED = "The batch was not started in time, and its files were erased."

log = structlog.get_logger(__name__)


def send(session: Session, batch: Batch) -> None:
    """Let work on a batch begin, or go on, once the caller has committed."""
    turn = session.scalar(_next_turn(Batch.id == batch.id))
    if turn is not None:
        work.send_after_commit(session, batch.id, turn)


@job
def work(batch_id: int, turn: int) -> None:
    """Work on a batch for a few seconds, then leave the queue to others and come again."""
    session, storage = db.session(), current_storage()
    order = order_of(session, batch_id, turn)
    if order is None:
        return
    until, in_hand = time.monotonic() + SLICE_SECONDS, deque[_InHand]()
    with ThreadPoolExecutor(THREADS) as threads:
        in_hand.extend(_taken(session, threads, order))  # however late it is, a slice is of one item at least
        while in_hand:
            while _has_room(in_hand) and time.monotonic() < until and (taken := _taken(session, threads, order)):
                in_hand.extend(taken)
            _settle(session, storage, order, in_hand.popleft())
            if not in_hand and time.monotonic() < until:
                in_hand.extend(_taken(session, threads, order))
    _hand_on(session, batch_id, turn)
    session.commit()


@job
def erase_originals(public_ids: Sequence[str]) -> None:
    """Remove the files of items that are gone, as they were sent."""
    for public_id in public_ids:
        current_storage().delete(original_key(public_id))


@periodic(minutes=1)
def recover() -> None:
    """Let wait again what a worker held who is gone, and send again what got lost."""
    session, moment = db.session(), now()
    stuck = and_(BatchItem.state == RUNNING, BatchItem.leased_until < moment)
    found = set(session.scalars(select(BatchItem.batch_id).where(stuck).distinct()))
    if found:
        session.execute(update(BatchItem).where(stuck).values(state=WAITING))
        log.warning("batches_taken_up_again", batches=len(found))
    lost = (Batch.started_at.is_not(None), or_(Batch.due.is_(None), Batch.due < moment), _waits())
    for batch in session.scalars(select(Batch).where(or_(Batch.id.in_(found), and_(*lost)))):
        send(session, batch)
    session.commit()


@periodic(minutes=30)
def tidy() -> None:
    """Erase files that were not worked on in time, and those that no item needs any more."""
    session, storage = db.session(), current_storage()
    _give_up_old(session, now() - timedelta(days=current_app.config["SETTINGS"].batch_keep_days))
    session.commit()
    old = (key for key, written in storage.keys() if key.startswith(FOLDER) and written < now() - GRACE)  # noqa: SIM118 - no mapping
    while keys := list(islice(old, MANY)):
        ids = [key.removeprefix(FOLDER) for key in keys]
        of_items = BatchItem.public_id.in_(ids), BatchItem.kept.is_(True)
        needed = set(session.scalars(select(BatchItem.public_id).where(*of_items)))
        for unneeded in set(ids) - needed:
            storage.delete(original_key(unneeded))


class _InHand(NamedTuple):
    """An item that is ours, and its answer, which is on the way."""

    claim: Claim
    answer: Future[Ready]


def _has_room(in_hand: Sequence[_InHand]) -> bool:
    """Tell whether another item may be claimed; one that has failed before is tried alone."""
    return len(in_hand) < IN_HAND and in_hand[-1].claim.attempts == 1


def _taken(session: Session, threads: ThreadPoolExecutor, order: Order) -> list[_InHand]:
    """Claim the next item, and let its photograph be judged and classified; empty if none waits."""
    mine = claim(session, order)
    session.commit()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy
    return [] if mine is None else [_InHand(mine, threads.submit(_answered, app, mine))]


def _answered(app: Flask, mine: Claim) -> Ready:
    with app.app_context():
        return answered(current_storage(), mine, Limits.of(app.config["SETTINGS"]))


def _settle(session: Session, storage: Storage, order: Order, taken: _InHand) -> None:
    """Make a test of an item, or write down why there is none; a file that is not needed any more is erased."""
    needed = False
    try:
        keep(session, storage, order, taken.claim, taken.answer.result())
    except AppError as error:
        session.rollback()
        needed = give_up(session, taken.claim.public_id, error)
    session.commit()
    session.expunge_all()  # the memory stays flat, however many there are
    if not needed:
        storage.delete(original_key(taken.claim.public_id))


def _hand_on(session: Session, batch_id: int, turn: int) -> None:
    """Come again if something waits; a batch that was sent anew meanwhile has another job by now."""
    mine = and_(Batch.id == batch_id, Batch.turn == turn)
    if session.scalar(select(Batch.id).where(mine, _waits())) is None:
        session.execute(update(Batch).where(mine).values(due=None))
        return
    following = session.scalar(_next_turn(mine))
    if following is not None:
        work.send_after_commit(session, batch_id, following)


def _next_turn(which: ColumnElement[bool]) -> ReturningUpdate[int]:
    taken = {"turn": Batch.turn + 1, "due": now() + OVERDUE}
    return update(Batch).where(which).values(**taken).returning(Batch.turn)


def _waits() -> ColumnElement[bool]:
    return exists().where(BatchItem.batch_id == Batch.id, BatchItem.state == WAITING)


def _give_up_old(session: Session, before: datetime) -> None:
    """Let go of files that nobody has taken up again, and of batches that nobody has started."""
    idle = select(Batch.id).where(Batch.started_at.is_(None), Batch.created_at < before)
    forgotten = and_(BatchItem.batch_id.in_(idle), BatchItem.state == WAITING)
    given_up = {"state": CANCELLED, "reason": NOT_STARTED, "finished_at": now(), "kept": False}
    session.execute(update(BatchItem).where(forgotten).values(**given_up))
    settled = and_(BatchItem.state.in_((FAILED, CANCELLED)), BatchItem.finished_at < before)
    erased = {"kept": False, "retryable": False, **NOTHING}
    session.execute(update(BatchItem).where(settled, BatchItem.kept.is_(True)).values(**erased))
    session.execute(update(Batch).where(Batch.id.in_(idle)).values(rows=None, started_at=now()))
