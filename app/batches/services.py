"""What can be done with batches: make one, add files, start, cancel, take up again, remove. The caller commits."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.jobs import erase_originals, send
from app.batches.sending.matching import match
from app.batches.sending.naming import DOUBTFUL, ONE, UNNAMED, name_by
from app.batches.sending.sheet import Row
from app.batches.tables import CANCELLED, FAILED, WAITING, Batch, BatchItem, original_key
from app.batches.working import refuse
from app.clock import now
from app.decoding.limits import Limits
from app.decoding.names import beside_the_point, shown
from app.erasures.services import Listed, erases_again, write_down
from app.erasures.tables import BATCH
from app.errors import AppError, RefusedUploadError
from app.patients.tables import Patient
from app.public_ids import new_public_id
from app.storage import Storage
from app.upload.inspection import worth_keeping

MANY = 500
MOST_UNMATCHED = 50  # names that a batch keeps of the spreadsheet's files that were not sent


class StartedError(AppError):
    """Files were sent for a batch that takes no more."""

    status = 409
    kind = "batch-started"
    title = "This batch has been started"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is photographed where the spreadsheet doesn't say so; `naming` is a code of `sending.naming`."""

    naming: str
    patient: Patient | None = None
    patient_name: str | None = None


def create(
    session: Session, *, author: User, label: str | None, model: str, subject: Subject, rows: Sequence[Row] = ()
) -> Batch:
    """Make a batch that waits for its files, and flush the row."""
    batch = Batch(
        clinic_id=author.clinic_id,
        author_id=author.id,
        label=label,
        model_name=model,
        naming=subject.naming,
        chosen=subject.patient is not None,
        patient_id=subject.patient and subject.patient.id,
        patient_name=subject.patient.name if subject.patient else subject.patient_name,
        rows=[row.kept() for row in rows] or None,
    )
    session.add(batch)
    session.flush()
    return batch


def item_of(
    storage: Storage, batch: Batch, *, path: str, content: bytes, limits: Limits, archive: bool = False
) -> BatchItem:
    """Return a file of a batch, not added to a session yet, and store what could be a photograph.

    What can't be one is written down with the reason, and not stored; what a DICOM file says of the patient isn't,
    either. `archive`: it comes out of a zip file.
    """
    key = key_of(path, hashlib.sha256(content).hexdigest() if archive else len(content))
    item = BatchItem(batch_id=batch.id, public_id=new_public_id(), key=key, name=shown(path), state=WAITING, kept=True)
    try:
        storage.put(original_key(item.public_id), worth_keeping(content, limits))
    except RefusedUploadError as error:
        refuse(item, error.message)
    return item


def keep(session: Session, storage: Storage, batch: Batch, items: Sequence[BatchItem], *, most: int) -> list[BatchItem]:
    """Add files to a batch and flush their rows; a file that has been sent before is kept once. Return those kept.

    StartedError, RefusedUploadError: none is.
    """
    require_open(batch)
    there = _keys_of(session, batch, [item.key for item in items])
    first: dict[str, BatchItem] = {}
    for item in items:
        if item.key in there or first.setdefault(item.key, item) is not item:
            storage.delete(original_key(item.public_id))
    if first:
        require_room(size_of(session, batch) + len(first) - 1, most)
    session.add_all(first.values())
    session.flush()
    return list(first.values())


def let_go(storage: Storage, items: Sequence[BatchItem]) -> None:
    """Erase the files of items that were not kept."""
    storage.delete_all(original_key(item.public_id) for item in items)


def key_of(path: str, told_apart_by: int | str) -> str:
    """Return what tells the files of a batch apart: the path, and the size or, out of a zip file, the content."""
    return hashlib.sha256(f"{shown(path)}\0{told_apart_by}".encode()).hexdigest()


def missing(session: Session, batch: Batch, files: Sequence[tuple[str, int]]) -> list[int]:
    """Return which of some files, given by path and size in bytes, are still to be sent, by their places."""
    keys = {at: key_of(path, size) for at, (path, size) in enumerate(files) if not beside_the_point(path)}
    there = _keys_of(session, batch, keys.values())
    return [at for at, key in keys.items() if key not in there]


def size_of(session: Session, batch: Batch) -> int:
    """Count the files of a batch."""
    return session.scalar(select(func.count()).where(BatchItem.batch_id == batch.id)) or 0


def require_open(batch: Batch) -> None:
    """Raise StartedError if a batch takes no more files."""
    if batch.started_at is not None:
        raise StartedError("The work on this batch has begun. Please send further photographs as another batch.")


def require_room(files: int, most: int) -> None:
    """Raise RefusedUploadError if a batch of so many files takes no more."""
    if files >= most:
        raise RefusedUploadError(f"A batch takes {most:,} files at most. Please send the others as another batch.")


def start(session: Session, batch: Batch) -> None:
    """Take no more files, put the spreadsheet's lines to them, and let the work begin."""
    require_open(batch)
    items = session.scalars(select(BatchItem).where(BatchItem.batch_id == batch.id).order_by(BatchItem.id)).all()
    if not items:
        raise RefusedUploadError("No file has arrived yet. Please choose the photographs first.")
    matched = match([item.name for item in items], [Row(*kept) for kept in batch.rows or ()])  # type: ignore[arg-type]  # as `kept` wrote them
    for item in items:
        if item.state == WAITING:
            _say_who(batch, item, matched.rows.get(item.name), doubtful=item.name in matched.doubtful)
    batch.rows = None
    batch.unmatched = [row.file for row in matched.unmatched[:MOST_UNMATCHED]]
    batch.started_at = now()
    session.flush()
    send(session, batch)


def cancel(session: Session, batch: Batch) -> None:
    """Leave what still waits; what is being worked on is finished, and nothing that is done is lost."""
    batch.cancelled_at = now()
    waiting = (BatchItem.batch_id == batch.id, BatchItem.state == WAITING)
    session.execute(update(BatchItem).where(*waiting).values(state=CANCELLED, finished_at=now()))


def take_up(session: Session, batch: Batch, state: str) -> int:
    """Let what is CANCELLED, or FAILED and may be mended, wait again; return how many files that are."""
    again = [BatchItem.batch_id == batch.id, BatchItem.state == state, BatchItem.kept.is_(True)]
    if state == FAILED:
        again.append(BatchItem.retryable.is_(True))
    else:
        batch.cancelled_at = None
    fresh = {"state": WAITING, "reason": None, "retryable": False, "attempts": 0, "finished_at": None}
    count = session.execute(update(BatchItem).where(*again).values(**fresh)).rowcount  # type: ignore[attr-defined]  # an UPDATE has one
    if count:
        send(session, batch)
    return int(count)


def remove(session: Session, batch: Batch) -> None:
    """Delete a batch and what it keeps; the tests that were made of it stay."""
    kept = (BatchItem.batch_id == batch.id, BatchItem.kept.is_(True))
    originals = list(session.scalars(select(BatchItem.public_id).where(*kept)))
    write_down(session, BATCH, [batch.public_id])
    session.execute(delete(Batch).where(Batch.id == batch.id))
    session.flush()
    if originals:
        erase_originals.send_after_commit(session, originals)


@erases_again(BATCH)
def remove_again(session: Session, public_id: str, _listed: Listed) -> bool:
    """Delete a batch that a backup has brought back."""
    batch = session.scalar(select(Batch).where(Batch.public_id == public_id))
    if batch is not None:
        remove(session, batch)
    return batch is not None


def _keys_of(session: Session, batch: Batch, keys: Collection[str]) -> set[str]:
    of_batch = select(BatchItem.key).where(BatchItem.batch_id == batch.id)
    return {key for some in _parts(list(keys)) for key in session.scalars(of_batch.where(BatchItem.key.in_(some)))}


def _parts(keys: list[str]) -> Iterator[list[str]]:
    """Yield a few hundred at a time: databases take only so many values in a statement."""
    yield from (keys[start : start + MANY] for start in range(0, len(keys), MANY))


def _say_who(batch: Batch, item: BatchItem, row: Row | None, *, doubtful: bool) -> None:
    """Write down whom and what an item shows; an item of which that can't be said is refused."""
    if doubtful:
        refuse(item, DOUBTFUL)
        return
    if row is not None:
        item.age, item.sex, item.body_site = row.age, row.sex, row.body_site
    item.patient_name = (row.patient if row else None) or name_by(batch.naming, item.name)
    if item.patient_name is None and batch.naming != ONE:
        refuse(item, UNNAMED[batch.naming])
