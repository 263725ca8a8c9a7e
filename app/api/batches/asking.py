"""Judge what is asked of a new batch: whose photographs they are, and what is known of each file."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from app.api.batches.schemas import BatchSent, RowSent
from app.api.callers import caller
from app.api.reading import InvalidRequestError, naming
from app.batches.sending.naming import NO_NAME, NO_SHEET, ONE, SHEET
from app.batches.sending.sheet import Row
from app.batches.services import Subject
from app.decoding.names import folded, shown
from app.patients.filing.choices import chosen_by

ONLY_ONE = "Patient and name are for photographs of one patient: leave them out, or send “one” as naming."
ONE_OF_BOTH = "Send either the patient or a name."


def subject_of(session: Session, body: BatchSent) -> Subject:
    """Return who is photographed; InvalidRequestError, ArchivedError."""
    named = body.patient is not None or body.patient_name is not None
    if body.naming == ONE and not named:
        raise InvalidRequestError.of("body", "/patient_name", NO_NAME)
    if body.naming != ONE and named:
        raise InvalidRequestError.of("body", "/naming", ONLY_ONE)
    if body.patient is not None and body.patient_name is not None:
        raise InvalidRequestError.of("body", "/patient_name", ONE_OF_BOTH)
    if body.naming == SHEET and not any(row.patient_name for row in body.rows):
        raise InvalidRequestError.of("body", "/rows", NO_SHEET)
    with naming("body", "/patient"):
        chosen = chosen_by(session, caller(), patient=body.patient, lesion=None)
    return Subject(body.naming, None if chosen is None else chosen.patient, body.patient_name)


def rows_of(body: BatchSent) -> list[Row]:
    """Return what is known of the files; InvalidRequestError if there are too many rows, or two of one file."""
    most = current_app.config["SETTINGS"].batch_photographs
    if len(body.rows) > most:
        raise InvalidRequestError.of("body", "/rows", f"A batch takes {most:,} files at most.")
    first: dict[str, int] = {}
    for at, row in enumerate(body.rows):
        if first.setdefault(folded(row.file), at) != at:
            raise InvalidRequestError.of("body", f"/rows/{at}/file", "An earlier row names the same file.")
    return [_row(at, row) for at, row in enumerate(body.rows)]


def _row(at: int, row: RowSent) -> Row:
    return Row(at, shown(row.file), row.patient_name, row.age, row.sex, row.body_site)
