"""The history as rows of a table, one test after the other, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased, defer

from app.auth.tables import User
from app.inference import TASKS
from app.results.history.asked import question_of
from app.results.history.filters import Filters
from app.results.history.lookups import LESIONS
from app.results.history.orders import ORDERS, orders_of
from app.results.history.search import Search
from app.results.presentation import label_of
from app.results.selectors import analyses_of
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.results.verdicts.labels import name_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from app.spreadsheet import Cell

MOST_EXPORTED = 100_000
READ_AT_ONCE = 500  # rows, from the database
CODES = tuple(label.code for task in TASKS.values() for label in task.labels)
HEADINGS = (
    "test", "time_utc", "patient", "kept_with_a_patient", "lesion", "age", "sex", "body_site", "note", "classifier",
    "version", "answer", "reasons", "class", "class_name", "malignancy", "alert_threshold", "alert",
    *(f"p_{code}" for code in CODES), *(f"p_{code}_with_patient" for code in CODES), "views", "views_changed",
    "assessment", "assessment_name", "assessment_time_utc", "assessment_blind", "assessment_note",
    "diagnosis", "diagnosis_name", "diagnosis_time_utc", "diagnosis_basis", "diagnosis_found_on", "diagnosis_note",
)  # fmt: skip
CUT = f"The file ends here: it holds {MOST_EXPORTED:,} tests at the most."


def found_rows(session: Session, user: User, filters: Filters) -> Iterator[Sequence[Cell]]:
    """Yield the headings and then what the history lists, in its order, MOST_EXPORTED at the most."""
    search = Search(session, user, question_of(session, user, filters))
    queries = (search.all_of(order) for order in orders_of(user, filters))
    rows = (row for query in queries for row in _rows(session, user, query))
    yield HEADINGS
    yield from islice(rows, MOST_EXPORTED)
    if next(rows, None) is not None:
        yield (CUT,)


def chosen_rows(session: Session, user: User, public_ids: Sequence[str]) -> Iterator[Sequence[Cell]]:
    """Yield the headings and then those of the person's tests that have one of the ids, the newest first."""
    yield HEADINGS
    chosen = analyses_of(user).where(Analysis.public_id.in_(public_ids)).order_by(*ORDERS["newest"].sorting)
    yield from _rows(session, user, chosen)


def _rows(session: Session, user: User, query: Select[Analysis]) -> Iterator[Sequence[Cell]]:
    assessed, diagnosed = aliased(Verdict), aliased(Verdict)
    joined = (
        query.add_columns(LESIONS.c.label, assessed, diagnosed)
        .outerjoin(LESIONS, LESIONS.c.id == Analysis.lesion_id)
        .outerjoin(assessed, _in_force(assessed, ASSESSMENT))
        .outerjoin(diagnosed, _in_force(diagnosed, DIAGNOSIS))
        .options(defer(Analysis.heatmap, raiseload=True), defer(Analysis.similar, raiseload=True))
        .limit(MOST_EXPORTED + 1)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    for analysis, lesion, assessment, diagnosis in session.execute(joined):
        yield (
            *_said(analysis, lesion),
            *(_answered(analysis) if analysis.accepted and not concealed(user, analysis) else _silent(user, analysis)),
            *_verdict(analysis.assessment, assessment, "blind"),
            *_verdict(analysis.diagnosis, diagnosis, "basis", "found_on"),
        )


def _in_force(verdict: Any, kind: str) -> Any:
    newest = select(func.max(Verdict.id)).where(Verdict.analysis_id == Analysis.id, Verdict.kind == kind)
    return and_(verdict.id == newest.correlate(Analysis).scalar_subquery())


def _said(analysis: Analysis, lesion: str | None) -> Sequence[Cell]:
    return (
        analysis.public_id, _moment(analysis.created_at), analysis.patient_name, _yes(analysis.patient_id is not None),
        lesion, analysis.age, analysis.sex, analysis.body_site, analysis.note, analysis.model_name,
        analysis.model_version,
    )  # fmt: skip


def _answered(analysis: Analysis) -> Sequence[Cell]:
    alert = None if analysis.threshold is None else _yes(analysis.malignancy >= analysis.threshold)
    return (
        "Answered", " ".join(analysis.reasons), analysis.label, label_of(analysis).name, analysis.malignancy,
        analysis.threshold, alert, *_shares(analysis.probabilities),
        *_shares(analysis.probabilities_with_patient or {}), analysis.views, analysis.views_changed,
    )  # fmt: skip


def _silent(user: User, analysis: Analysis) -> Sequence[Cell]:
    """Leave empty what says nothing of the lesion, or is not to be seen before the person's own assessment."""
    hidden = concealed(user, analysis)
    words = (CONCEALED, None) if hidden else ("No answer: not accepted", " ".join(analysis.reasons))
    return (*words, *[None] * (len(_answered_headings()) - len(words)))


def _answered_headings() -> Sequence[str]:
    return HEADINGS[HEADINGS.index("answer") : HEADINGS.index("assessment")]


def _shares(probabilities: Mapping[str, float]) -> Iterator[Cell]:
    return (probabilities.get(code) for code in CODES)


def _verdict(code: str | None, verdict: Verdict | None, *details: str) -> Sequence[Cell]:
    """Return what is in force: empty if there is no verdict, or if it was taken back."""
    if code is None or verdict is None:
        return (code, None if code is None else name_of(code), *[None] * (2 + len(details)))
    further = (getattr(verdict, detail) for detail in details)
    shown = (_yes(value) if isinstance(value, bool) else None if value is None else str(value) for value in further)
    return code, name_of(code), _moment(verdict.created_at), *shown, verdict.note


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _yes(true: bool) -> str:
    return "yes" if true else "no"
