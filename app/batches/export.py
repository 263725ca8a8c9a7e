"""The table of a batch: a line for each file, results first and the most suspicious of them on top."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.listing import all_of, not_done
from app.batches.tables import Batch, BatchItem
from app.results.presentation import label_of
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.results.wording import cautions
from app.spreadsheet import Cell

HEADINGS = (
    "file", "state", "reason", "patient", "age", "sex", "body site", "class", "malignant class", "malignancy",
    "accepted", "cautions", "classifier", "version", "date (UTC)", "test",
)  # fmt: skip


def file_name(batch: Batch, ending: str) -> str:
    """Name a file of a batch: nothing in it tells of the patients."""
    return f"batch-{batch.created_at:%Y-%m-%d}-{batch.public_id[:8]}.{ending}"


def csv_rows(session: Session, user: User, batch: Batch) -> Iterator[list[Cell]]:
    """Yield headings and lines; what is concealed, or was not answered, is left empty and said under reason."""
    yield list(HEADINGS)
    for item, analysis in all_of(session, user, batch):
        yield _result(item, analysis, hidden=concealed(user, analysis))
    for item in not_done(session, batch):
        facts = [item.patient_name, item.age, item.sex, item.body_site]
        yield [item.name, item.state, item.reason, *facts, *[None] * (len(HEADINGS) - 7)]


def _result(item: BatchItem, analysis: Analysis, *, hidden: bool) -> list[Cell]:
    return [
        item.name,
        item.state,
        CONCEALED if hidden else None if analysis.accepted else "No answer: the photograph was not accepted",
        analysis.patient_name,
        analysis.age,
        analysis.sex,
        analysis.body_site,
        *_answer(analysis, shown=analysis.accepted and not hidden),
        "yes" if analysis.accepted else "no",
        " ".join(caution.problem for caution in cautions(analysis.reasons)),
        analysis.model_name,
        analysis.model_version,
        f"{analysis.created_at:%Y-%m-%d %H:%M:%S}",
        analysis.public_id,
    ]


def _answer(analysis: Analysis, *, shown: bool) -> list[Cell]:
    if not shown:
        return [None, None, None]
    label = label_of(analysis)
    return [label.name, "yes" if label.malignant else "no", analysis.malignancy]
