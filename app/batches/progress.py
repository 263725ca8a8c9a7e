"""How far a batch is: counted from its items, so that it survives whatever restarts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.batches.tables import CANCELLED, DONE, FAILED, Batch, BatchItem
from app.clock import now

RECENT = 50  # finished files from which the rate is taken
QUIET = timedelta(seconds=90)  # after which it is said that nothing moves

SENDING, WORKING, FINISHED, STOPPED = "sending", "working", "finished", "cancelled"
STATES = {
    SENDING: "Not started: photographs are still to be sent",
    WORKING: "In progress",
    FINISHED: "Finished",
    STOPPED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files of a batch are in which state."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All files."""
        return self.waiting + self.running + self.done + self.failed + self.cancelled

    @property
    def left(self) -> int:
        """Files that are still to be worked on."""
        return self.waiting + self.running

    @property
    def worked_on(self) -> int:
        """Files of which is known what became of them."""
        return self.done + self.failed

    def state_of(self, batch: Batch) -> str:
        """Return what a batch with these counts is doing."""
        if batch.started_at is None:
            return SENDING
        if self.left:
            return WORKING
        return STOPPED if batch.cancelled_at else FINISHED


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch at this moment; `per_minute` and `seconds_left` are taken from what was finished last, if that is known.

    `quiet` says that files wait, and that nothing was finished for a while. `retryable` counts failures that another
    attempt may mend, `resumable` cancelled files that are still kept.
    """

    state: str
    counts: Counts
    per_minute: float | None
    seconds_left: float | None
    quiet: bool
    retryable: int
    resumable: int

    @property
    def state_in_words(self) -> str:
        """The state as it is shown."""
        return STATES[self.state]

    @property
    def left_in_words(self) -> str:
        """How long it will take, as people say it; blank if that is not known."""
        return "" if self.seconds_left is None else duration(self.seconds_left)


def counts_of(session: Session, batches: Sequence[Batch]) -> Mapping[int, Counts]:
    """Count the files of batches, by the id of the batch, in one query."""
    ids = [batch.id for batch in batches]
    found = select(BatchItem.batch_id, BatchItem.state, func.count()).where(BatchItem.batch_id.in_(ids))
    counted: dict[int, dict[str, int]] = {batch_id: {} for batch_id in ids}
    for batch_id, state, count in session.execute(found.group_by(BatchItem.batch_id, BatchItem.state)):
        counted[batch_id][state] = count
    return {batch_id: Counts(**states) for batch_id, states in counted.items()}


def progress_of(session: Session, batch: Batch) -> Progress:
    """Say how far a batch is, in three queries."""
    counts = counts_of(session, [batch])[batch.id]
    state = counts.state_of(batch)
    rate, newest = _rate(session, batch) if state == WORKING else (None, None)
    quiet = state == WORKING and now() - (newest or batch.started_at or now()) > QUIET
    kept = select(BatchItem.state, func.count()).where(BatchItem.batch_id == batch.id, BatchItem.kept.is_(True))
    again = dict(session.execute(kept.where(BatchItem.state.in_((FAILED, CANCELLED))).group_by(BatchItem.state)).all())
    return Progress(
        state=state,
        counts=counts,
        per_minute=None if rate is None or quiet else 60 * rate,
        seconds_left=None if rate is None or quiet else counts.left / rate,
        quiet=quiet,
        retryable=again.get(FAILED, 0),
        resumable=again.get(CANCELLED, 0),
    )


def duration(seconds: float) -> str:
    """Write a time to wait as people say it."""
    if seconds < 45:  # noqa: PLR2004 - from here on it is called a minute
        return "less than a minute"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'}"
    hours, rest = divmod(minutes, 60)
    return f"about {hours} h {rest} min"


def _rate(session: Session, batch: Batch) -> tuple[float | None, datetime | None]:
    """Return files per second over the last that were finished, and when the newest was; None before the second."""
    finished = select(BatchItem.finished_at).where(
        BatchItem.batch_id == batch.id, BatchItem.state.in_((DONE, FAILED)), BatchItem.finished_at >= batch.started_at
    )
    moments = [at for at in session.scalars(finished.order_by(BatchItem.finished_at.desc()).limit(RECENT)) if at]
    if not moments:
        return None, None
    span = (moments[0] - moments[-1]).total_seconds()
    return ((len(moments) - 1) / span if span > 0 else None), moments[0]
