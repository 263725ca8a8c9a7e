"""The files of a test: photograph, thumbnail, heat map, report."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from app.api.callers import caller
from app.api.concealment import require_seen
from app.api.operation import operation
from app.api.tokens.scopes import READ
from app.extensions import db
from app.inference import heatmap_png
from app.reports.clinical import clinical_report
from app.results.files import stored
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.security.downloads import download, picture
from app.storage import current_storage

blueprint = Blueprint("api_prediction_files", __name__, url_prefix="/api/v1/predictions/<public_id:public_id>")

PNG, JPEG, PDF = "image/png", "image/jpeg", "application/pdf"


@blueprint.get("/image")
@operation("Get the photograph", scope=READ, answers={200: PNG})
def image(public_id: str) -> Response:
    """Answer the photograph as it is kept: PNG, made anew from its pixels, without metadata."""
    return picture(stored(current_storage(), _analysis(public_id).photograph_key), PNG)


@blueprint.get("/thumbnail.jpg")
@operation("Get the thumbnail", scope=READ, answers={200: JPEG})
def thumbnail(public_id: str) -> Response:
    """Answer the framed square, 160 pixels a side."""
    return picture(stored(current_storage(), _analysis(public_id).thumbnail_key), JPEG)


@blueprint.get("/heatmap.png")
@operation("Get the heat map", scope=READ, answers={200: PNG})
def heatmap(public_id: str) -> Response:
    """Answer where in the framed square the classifier looked: a PNG to be laid over it, transparent where it is 0."""
    return picture(heatmap_png(require_seen(_analysis(public_id)).heatmap), PNG)


@blueprint.get("/report.pdf")
@operation("Get the report", scope=READ, answers={200: PDF}, problems=(500,))
def report(public_id: str) -> Response:
    """Answer the report as the record is now: a working copy, which says that it is not issued."""
    analysis = require_seen(_analysis(public_id))
    drawn = clinical_report(
        db.session(), current_storage(), user=caller(), analysis=analysis, settings=current_app.config["SETTINGS"]
    ).drawn()
    return download(drawn, PDF, f"{public_id[:8]}.pdf")


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), caller(), public_id)
