"""The results of a batch as one document: a table with thumbnails, and below it what could not be analysed.

There is no page for each photograph: every test has its own report. It is drawn row by row, and only the reduced
pictures are held, so that a thousand rows take little memory.
"""

from __future__ import annotations

import io
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.listing import all_of, not_done
from app.batches.progress import Counts, counts_of
from app.batches.tables import Batch, BatchItem
from app.results.presentation import label_of
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.results.wording import percent
from app.storage import Storage

if TYPE_CHECKING:
    from app.batches.sheets import Sheets

NOT_ACCEPTED = "No answer: not accepted"
PURPOSE = "Decision support for clinicians. Not a diagnosis. Not a medical device."
LEAD = (
    "Most suspicious first. Malignancy is what the classifier gave the malignant classes together, of the photograph "
    "alone."
)
COLUMNS = (("", 44.0), ("File", 150.0), ("Patient", 122.0), ("Class", 105.0), ("Malignancy", 72.0))
WITHOUT_RESULT = (("File", 200.0), ("Why there is no result", 293.0))
LONGEST_FILE, LONGEST_TEXT = 62, 48  # characters: two lines of their columns


def overview_pdf(session: Session, storage: Storage, user: User, batch: Batch, *, clinic: str) -> bytes:
    """Return the PDF file."""
    from app.batches.sheets import Sheets  # noqa: PLC0415 - ReportLab takes a while: not at the web's start
    from app.results.report.documents import drawing  # noqa: PLC0415 - as above

    file = io.BytesIO()
    with drawing():
        sheets = Sheets(file, title="Lentigo batch", foot=f"{PURPOSE} Batch {batch.public_id[:8]}")
        _head(sheets, batch, counts_of(session, [batch])[batch.id], clinic)
        _results(sheets, session, storage, user, batch)
        _others(sheets, session, batch)
        sheets.save()
    return file.getvalue()


def _head(sheets: Sheets, batch: Batch, counts: Counts, clinic: str) -> None:
    sheets.title(clinic, batch.label or "Batch of photographs")
    sheets.text(f"Sent on {batch.created_at:%-d %B %Y, %H:%M} UTC. Classifier: {batch.model_name}.")
    sheets.text(f"{counts.done:,} of {counts.total:,} files analysed, {counts.failed:,} not analysed. {LEAD}")


def _results(sheets: Sheets, session: Session, storage: Storage, user: User, batch: Batch) -> None:
    rows = all_of(session, user, batch)
    first = next(rows, None)
    if first is None:
        return
    sheets.begin(COLUMNS)
    for item, analysis in chain([first], rows):
        sheets.row(*_cells(item, analysis, hidden=concealed(user, analysis)), picture=_thumbnail(storage, analysis))


def _others(sheets: Sheets, session: Session, batch: Batch) -> None:
    items = not_done(session, batch)
    if items:
        sheets.heading("Not analysed")
        sheets.begin(WITHOUT_RESULT)
    for item in items:
        sheets.row(_end(item.name), item.reason or item.state.capitalize())


def _cells(item: BatchItem, analysis: Analysis, *, hidden: bool) -> list[str]:
    said = [f"{analysis.age} years" if analysis.age is not None else None, analysis.sex, analysis.body_site]
    patient = f"{_start(analysis.patient_name)}\n{', '.join(filter(None, said))}"
    if hidden:
        return ["", _end(item.name), patient, CONCEALED, ""]
    if not analysis.accepted:
        return ["", _end(item.name), patient, NOT_ACCEPTED, ""]
    label = label_of(analysis)
    kind = "malignant class" if label.malignant else "benign class"
    return ["", _end(item.name), patient, f"{label.name}\n{kind}", percent(analysis.malignancy)]


def _thumbnail(storage: Storage, analysis: Analysis) -> bytes | None:
    try:
        return storage.get(analysis.thumbnail_key)
    except FileNotFoundError:
        return None


def _start(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _end(name: str) -> str:
    return name if len(name) <= LONGEST_FILE else f"…{name[-LONGEST_FILE:]}"
