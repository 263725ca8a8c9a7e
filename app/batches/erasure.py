"""What batches have of a patient who is erased: photographs that wait, names, and lines of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.batches.jobs import erase_originals
from app.batches.sending.naming import ONE
from app.batches.tables import DONE, Batch, BatchItem
from app.patients.erasure import erases_along
from app.patients.naming import Name, name_of
from app.patients.tables import Patient
from app.results.tables import Analysis


@erases_along
def forget(session: Session, patient: Patient) -> None:
    """Delete the photographs of a patient that were not worked on yet, and the name wherever it stands.

    One that a worker has in hand becomes no test: it finds its row gone.
    """
    name = name_of(session, patient)
    for batch in session.scalars(select(Batch).where(Batch.clinic_id == patient.clinic_id)):
        everything = batch.naming == ONE and _is_of(session, batch, patient, name)
        if everything:  # what comes after this has nobody to be kept with, and says so
            batch.chosen, batch.patient_id, batch.patient_name = True, None, None
        batch.label = None if name.is_in(batch.label) else batch.label
        batch.unmatched = [file for file in batch.unmatched if not name.is_in(file)]
        batch.rows = None if batch.rows is None else [row for row in batch.rows if not _names(row, name)]
        _delete(session, list(_items(session, batch, name, nameless=everything)))
    session.flush()


def waiting_of(session: Session, patient: Patient) -> Sequence[BatchItem]:
    """Return the photographs of a patient that wait in batches, as they were sent."""
    name, found = name_of(session, patient), list[BatchItem]()
    for batch in session.scalars(select(Batch).where(Batch.clinic_id == patient.clinic_id)):
        everything = batch.naming == ONE and _is_of(session, batch, patient, name)
        found += [item for item in _items(session, batch, name, nameless=everything) if item.kept]
    return found


def _is_of(session: Session, batch: Batch, patient: Patient, name: Name) -> bool:
    """Tell whether a batch that is of one patient is of this one."""
    if batch.patient_id is not None:
        return batch.patient_id == patient.id
    of_patient = exists().where(
        BatchItem.batch_id == batch.id, BatchItem.analysis_id == Analysis.id, Analysis.patient_id == patient.id
    )
    return name.is_it(batch.patient_name) or bool(session.scalar(select(of_patient)))


def _names(row: Sequence[str | int | None], name: Name) -> bool:
    """Tell whether a line of a spreadsheet, as `Row.kept` wrote it, names a patient."""
    return any(name.is_in(value) for value in row if isinstance(value, str))


def _items(session: Session, batch: Batch, name: Name, *, nameless: bool) -> Iterator[BatchItem]:
    """Yield the items without a test that are of a patient: named so, called so, or with `nameless` not named."""
    of_batch = select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state != DONE)
    for item in session.scalars(of_batch.order_by(BatchItem.id)):
        if (nameless and item.patient_name is None) or name.is_it(item.patient_name) or name.is_in(item.name):
            yield item


def _delete(session: Session, items: Sequence[BatchItem]) -> None:
    if items:
        originals = [item.public_id for item in items]
        session.execute(delete(BatchItem).where(BatchItem.id.in_([item.id for item in items])))
        erase_originals.send_after_commit(session, originals)
