"""The worker's part: batches a slice at a time, what got stuck sent again, what is no longer needed erased.

Other jobs wait in the same queue. So a job works on its batch for a few seconds only, and before it begins it sends
the next one, behind whatever has come meanwhile: another worker that is free takes that at once, so that as many work
on a batch as there are, each on items of its own; and an erasure waits for two slices of each batch, not for a
thousand photographs. Whoever begins raises the batch's `turn`, and a job of an earlier turn does nothing. So one job of
each batch waits at most, and batches go round by turns. What seems lost is sent again in the same turn: of two such
jobs the first to begin sends the next, and the other none.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.batches.tables import CANCELLED, FAILED, RUNNING, WAITING, Batch, BatchItem, original_key
from app.batches.working import NOTHING, Claim, Order, Ready, answered, claim, give_up, keep, order_of, put_back
from app.clock import now
from app.decoding.limits import Limits
from app.errors import AppError, StorageFullError, StorageUnavailableError
from app.extensions import db
from app.jobs import job, periodic
from app.lasting import flush_commits
from app.metrics import SWEPT
from app.storage import Storage, current_storage
from app.storage.sweeping import GRACE

SLICE_SECONDS = 3.0
AHEAD = 3  # items in hand beside those that are answered: two that wait for a thread, and one that is written down
OVERDUE = timedelta(minutes=2)  # a job that has not begun by then may have got lost
FOLDER = original_key("").rstrip("/")
MANY = 500
UNSYNCHRONISED = {"synchronize_session": False}
NOT_STARTED = "The batch was not started in time, and its files were erased."

log = structlog.get_logger(__name__)


def send(session: Session, batch: Batch) -> None:
    """Let work on a batch begin, or go on, once the caller has committed."""
    turn = session.scalar(_next_turn(Batch.id == batch.id))
    if turn is not None:
        work.send_after_commit(session, batch.id, turn)


@job
def work(batch_id: int, turn: int) -> None:
    """Let another worker go on with a batch, and work on some of its items for a few seconds."""
    session, storage = db.session(), current_storage()
    order = order_of(session, batch_id, turn)
    if order is None or session.scalar(_next_turn(Batch.id == batch_id, Batch.turn == turn)) is None:
        return
    threads = current_app.config["SETTINGS"].photographs_at_once + 1  # one reads a file while the others classify
    part = _Slice(session, storage, order, ThreadPoolExecutor(threads), threads + AHEAD)
    try:
        with part.threads:
            part.work_through()
    except StorageUnavailableError as error:
        session.rollback()
        everything = isinstance(error, StorageFullError) or not storage.ready()  # else it may be this one file
        put_back(session, [each.claim for each in part.in_hand], counted=not everything)
        session.scalar(_next_turn(Batch.id == batch_id, overdue=timedelta()))  # no earlier than `recover` sends it
        log.warning("batch_interrupted", reason=error.title)
    session.commit()


@job
def erase_originals(public_ids: Sequence[str]) -> None:
    """Remove the files of items that are gone, as they were sent."""
    current_storage().delete_all(map(original_key, public_ids))


@periodic(minutes=1)
def recover() -> None:
    """Let wait again what a worker held who is gone, and send again what got lost."""
    session, moment = db.session(), now()
    stuck = and_(BatchItem.state == RUNNING, BatchItem.leased_until < moment)
    found = set(session.scalars(select(BatchItem.batch_id).where(stuck).distinct()))
    if found:
        session.execute(update(BatchItem).where(stuck).values(state=WAITING))
        log.warning("batches_taken_up_again", batches=len(found))
        SWEPT.labels("batches").inc(len(found))
    lost = (Batch.started_at.is_not(None), or_(Batch.due.is_(None), Batch.due < moment), _waits())
    again = update(Batch).where(or_(Batch.id.in_(found), and_(*lost))).values(due=moment + OVERDUE)
    for batch_id, turn in session.execute(again.returning(Batch.id, Batch.turn).execution_options(**UNSYNCHRONISED)):
        work.send_after_commit(session, batch_id, turn)
    session.commit()


@periodic(minutes=30)
def tidy() -> None:
    """Erase files that were not worked on in time, and those that no item needs any more."""
    session, storage = db.session(), current_storage()
    _give_up_old(session, now() - timedelta(days=current_app.config["SETTINGS"].batch_keep_days))
    session.commit()
    old = (key for key, written in storage.keys(FOLDER) if written < now() - GRACE)
    while keys := list(islice(old, MANY)):
        ids = [key.removeprefix(f"{FOLDER}/") for key in keys]
        of_items = BatchItem.public_id.in_(ids), BatchItem.kept.is_(True)
        needed = set(session.scalars(select(BatchItem.public_id).where(*of_items)))
        storage.delete_all(original_key(unneeded) for unneeded in set(ids) - needed)


class _InHand(NamedTuple):
    """An item that is ours, and its answer, which is on the way."""

    claim: Claim
    answer: Future[Ready]


@dataclass(slots=True)
class _Slice:
    """Some seconds of work on a batch: the threads that answer, and the items, `most` at a time, not settled yet."""

    session: Session
    storage: Storage
    order: Order
    threads: ThreadPoolExecutor
    most: int
    in_hand: deque[_InHand] = field(default_factory=deque)

    def work_through(self) -> None:
        """Work on one item after the other until the slice is over."""
        until, handed_on = time.monotonic() + SLICE_SECONDS, False
        self._take()  # however late it is, a slice is of one item at least
        while self.in_hand:
            while self._has_room() and time.monotonic() < until and self._take():
                pass
            if not handed_on:
                _hand_on(self.session, self.order.batch.id, self.order.batch.turn + 1)
                handed_on = True
            self._settle(self.in_hand[0])
            self.in_hand.popleft()
            if not self.in_hand and time.monotonic() < until:
                self._take()

    def _has_room(self) -> bool:
        """Tell whether another item may be claimed; one that has failed before is tried alone."""
        return len(self.in_hand) < self.most and self.in_hand[-1].claim.attempts == 1

    def _take(self) -> bool:
        """Claim the next item, and let its photograph be judged and classified; tell whether one waited."""
        mine = claim(self.session, self.order)
        self.session.commit()
        if mine is None:
            return False
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of the proxy
        self.in_hand.append(_InHand(mine, self.threads.submit(copy_context().run, _answered, app, mine)))
        return True

    def _settle(self, taken: _InHand) -> None:
        """Make a test of an item, or write down why there is none; a file that is not needed any more is erased."""
        needed = False
        try:
            keep(self.session, self.storage, self.order, taken.claim, taken.answer.result())
        except StorageUnavailableError:  # the file is not at fault
            raise
        except AppError as error:
            self.session.rollback()
            needed = give_up(self.session, taken.claim.public_id, taken.claim.attempts, error)
        self.session.commit()
        self.session.expunge_all()  # the memory stays flat, however many there are
        if not needed:
            flush_commits()
            self.storage.delete(original_key(taken.claim.public_id))


def _answered(app: Flask, mine: Claim) -> Ready:
    with app.app_context():
        return answered(current_storage(), mine, Limits.of(app.config["SETTINGS"]))


def _hand_on(session: Session, batch_id: int, turn: int) -> None:
    """Send the next job if something waits; a batch that was sent anew meanwhile has another one by now."""
    mine = and_(Batch.id == batch_id, Batch.turn == turn)
    if session.scalar(select(Batch.id).where(mine, _waits())) is None:
        session.execute(update(Batch).where(mine).values(due=None))
    else:
        work.send_after_commit(session, batch_id, turn)
    session.commit()


def _next_turn(*which: ColumnElement[bool], overdue: timedelta = OVERDUE) -> ReturningUpdate[int]:
    taken = {"turn": Batch.turn + 1, "due": now() + overdue}
    return update(Batch).where(*which).values(**taken).returning(Batch.turn)


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
