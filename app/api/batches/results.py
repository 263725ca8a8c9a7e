"""Results of a batch: file by file, as a table, as a document."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, stream_with_context

from app.api.batches.schemas import FileAnswer, ResultsQuery
from app.api.callers import caller
from app.api.operation import operation
from app.api.paging import rank_cursor, rank_of
from app.api.predictions.presentation import listed
from app.api.schemas import Page
from app.api.tokens.scopes import READ
from app.batches.export import csv_rows, file_name
from app.batches.overview import overview_pdf
from app.batches.ranking import Place, ranked
from app.batches.selectors import batch_of
from app.batches.tables import Batch
from app.extensions import db
from app.security.downloads import download
from app.spreadsheet import csv_file
from app.storage import current_storage

blueprint = Blueprint("api_batch_results", __name__, url_prefix="/api/v1/batches/<public_id:public_id>")

CSV, PDF = "text/csv", "application/pdf"


@blueprint.get("/results")
@operation("List the files of a batch", scope=READ, answers={200: Page[FileAnswer]}, query=ResultsQuery)
def results(public_id: str, query: ResultsQuery) -> Page[FileAnswer]:
    """List the files of a batch with their results. While the work goes on, places of the order `suspicious` change."""
    session, user, batch = db.session(), caller(), _batch(public_id)
    after = None if query.cursor is None else Place(*rank_of(query.cursor))
    found, last = ranked(session, user, batch, order=query.order, after=after, limit=query.limit)
    analyses = [analysis for _, analysis, *_ in found if analysis is not None]
    tests = {test.id: test for test in listed(session, user, analyses)}
    items = [FileAnswer.of(item, tests[analysis.public_id] if analysis else None) for item, analysis, *_ in found]
    return Page(items=items, next=None if last is None else rank_cursor(*last))


@blueprint.get("/results.csv")
@operation("Get the results as a table", scope=READ, answers={200: CSV})
def results_csv(public_id: str) -> Response:
    """Answer all files of a batch, a line for each: UTF-8, the most suspicious first, as on its page."""
    batch = _batch(public_id)
    rows = csv_rows(db.session(), caller(), batch)
    return download(stream_with_context(csv_file(rows)), CSV, file_name(batch, "csv"))


@blueprint.get("/report.pdf")
@operation("Get the results as a document", scope=READ, answers={200: PDF})
def report(public_id: str) -> Response:
    """Answer the results of a batch as one document: a table with thumbnails."""
    batch, clinic = _batch(public_id), current_app.config["SETTINGS"].clinic_name
    pdf = overview_pdf(db.session(), current_storage(), caller(), batch, clinic=clinic)
    return download(pdf, PDF, file_name(batch, "pdf"))


def _batch(public_id: str) -> Batch:
    return batch_of(db.session(), caller(), public_id)
