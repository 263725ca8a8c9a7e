"""Tests: send a photograph, list what was answered, look at one, keep it with another patient, delete it."""

from __future__ import annotations

from flask import Blueprint, url_for
from pydantic import Field

from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.operation import operation
from app.api.paging import place_cursor, place_of
from app.api.predictions import filing, sending
from app.api.predictions.finding import PredictionQuery, filters_of
from app.api.predictions.presentation import HEATMAP, SCORES, SIMILAR, listed, shown
from app.api.predictions.schemas import Prediction, PredictionPage
from app.api.schemas import Sent
from app.api.tokens.scopes import READ, WRITE
from app.extensions import db
from app.patients.filing.services import move
from app.results.history.orders import Place
from app.results.history.stretches import stretch_of
from app.results.selectors import analysis_of
from app.results.services import remove
from app.results.tables import Analysis
from app.storage import current_storage
from app.upload.services import submit

blueprint = Blueprint("api_predictions", __name__, url_prefix="/api/v1/predictions")

PARTS = f"{HEATMAP}|{SIMILAR}|{SCORES}"


class Included(Sent):
    """What the answer is to hold beside the rest."""

    include: str = Field(
        "",
        pattern=rf"^(({PARTS})(,({PARTS}))*)?$",
        examples=["heatmap,similar"],
        description="Of heatmap, similar and scores those that are wanted, separated by commas.",
    )

    @property
    def parts(self) -> frozenset[str]:
        """What is wanted."""
        return frozenset(self.include.split(","))


@blueprint.post("")
@operation(
    "Send a photograph",
    scope=WRITE,
    answers={201: Prediction},
    query=Included,
    form=sending.NewPrediction,
    files=sending.FILES,
    makes=True,
)
def send(query: Included, form: sending.NewPrediction) -> tuple[Prediction, int, dict[str, str]]:
    """Classify a photograph of a lesion and keep it with the answer.

    It goes the way of the web form: judged by its content, made anew without metadata, classified within the request.
    A photograph that can't be used is refused with a sentence that says why, and nothing is kept of it. One that shows
    no lesion, or too poorly, is kept with `accepted` false and the reasons, and has no answer.

    Of a DICOM file the answer tells, in `dicom`, what the file says of the patient. Nothing of that is kept, nor used:
    what is to be kept is sent beside it.
    """
    session, destination = db.session(), sending.destination_of(db.session(), form)
    model, details = sending.model_of(form), sending.details_of(form, destination)
    photograph, dicom = sending.photograph_sent(form, destination)
    analysis = submit(
        session,
        current_storage(),
        author=caller(),
        photograph=photograph,
        details=details,
        model=model,
        fractions=form.fractions,
        destination=destination,
        nobody=sending.is_for_nobody(form),
    )
    location = url_for("api_predictions.show", public_id=analysis.public_id)
    commit_made(location)
    return shown(session, caller(), analysis, query.parts, dicom), 201, {"Location": location}


@blueprint.get("")
@operation("List tests", scope=READ, answers={200: PredictionPage}, query=PredictionQuery)
def index(query: PredictionQuery) -> PredictionPage:
    """List the caller's tests, the newest first, in pages.

    The search is that of the site's history and finds the same. A page may hold fewer items than asked for, or none,
    and still have a `next`: go on until it is null.
    """
    session, user = db.session(), caller()
    start = None if query.cursor is None else Place(*place_of(query.cursor))
    stretch = stretch_of(session, user, filters_of(session, query), start=start, rows=query.limit)
    return PredictionPage(
        items=listed(session, user, stretch.analyses),
        next=None if stretch.after is None else place_cursor(*stretch.after),
        texts_since=stretch.texts_since,
    )


@blueprint.get("/<public_id:public_id>")
@operation("Show a test", scope=READ, answers={200: Prediction}, query=Included)
def show(public_id: str, query: Included) -> Prediction:
    """Answer a test with everything that is known of it."""
    return shown(db.session(), caller(), _analysis(public_id), query.parts)


@blueprint.patch("/<public_id:public_id>")
@operation("Keep a test elsewhere", scope=WRITE, answers={200: Prediction}, body=filing.Filing, problems=(409,))
def keep_elsewhere(public_id: str, body: filing.Filing) -> Prediction:
    """Keep a test with another patient, or another lesion.

    Nothing else of a test ever changes: what was said and answered stays as it was.
    """
    session, analysis = db.session(), _analysis(public_id)
    move(session, analysis, destination=filing.destination_of(session, analysis, body))
    session.commit()
    return shown(session, caller(), analysis, frozenset())


@blueprint.delete("/<public_id:public_id>")
@operation("Delete a test", scope=WRITE, answers={204: None})
def delete(public_id: str) -> None:
    """Delete a test for good, with its photograph, its verdicts and the reports issued of it."""
    remove(db.session(), _analysis(public_id))
    db.session.commit()


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), caller(), public_id)
