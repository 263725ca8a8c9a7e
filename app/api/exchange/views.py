"""A test for other systems: as FHIR, as DICOM, and sent to those that are set up."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, url_for

from app.api.callers import caller
from app.api.concealment import require_seen
from app.api.exchange.schemas import DeliveryAnswer, DeliverySent
from app.api.idempotency.repeating import commit_made
from app.api.operation import operation
from app.api.paging import part_of
from app.api.schemas import Page, PageQuery
from app.api.tokens.scopes import READ, WRITE
from app.extensions import db
from app.interop.deliveries import services
from app.interop.deliveries.selectors import deliveries_of, delivery_of
from app.interop.deliveries.tables import Delivery
from app.interop.dicom.export import ALL, export_of
from app.interop.fhir.bundle import bundle_of
from app.interop.fhir.destination import written
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.security.downloads import download
from app.storage import current_storage

blueprint = Blueprint("api_exchange", __name__, url_prefix="/api/v1")

FHIR, ZIP = "application/fhir+json", "application/zip"


@blueprint.get("/predictions/<public_id:public_id>/fhir")
@operation("Get a test as FHIR", scope=READ, answers={200: FHIR}, problems=(500,))
def fhir(public_id: str) -> Response:
    """Answer a FHIR R4 transaction bundle: report, observations, device, photograph and PDF under lasting ids."""
    analysis, settings = require_seen(_analysis(public_id)), current_app.config["SETTINGS"]
    bundle = bundle_of(db.session(), current_storage(), user=caller(), analysis=analysis, settings=settings)
    return download(written(bundle), FHIR, f"{public_id[:8]}.fhir.json")


@blueprint.get("/predictions/<public_id:public_id>/dicom.zip")
@operation("Get a test as DICOM", scope=READ, answers={200: ZIP}, problems=(500,))
def dicom(public_id: str) -> Response:
    """Answer a zip file with the DICOM objects of a test: photograph, photograph with heat map, structured report."""
    analysis, settings = require_seen(_analysis(public_id)), current_app.config["SETTINGS"]
    content = export_of(db.session(), current_storage(), user=caller(), analysis=analysis, kind=ALL, settings=settings)
    return download(content, ZIP, f"{public_id[:8]}-dicom.zip")


@blueprint.post("/predictions/<public_id:public_id>/deliveries")
@operation("Send a test elsewhere", scope=WRITE, answers={201: DeliveryAnswer}, body=DeliverySent, makes=True)
def send(public_id: str, body: DeliverySent) -> tuple[DeliveryAnswer, int, dict[str, str]]:
    """Have a test sent to another system, by a job that tries until it has arrived or is given up.

    Where one is on its way there already, that is answered; what was sent before is sent again.
    """
    analysis = require_seen(_analysis(public_id))
    delivery = services.request_delivery(db.session(), analysis, body.destination, author=caller())
    location = url_for("api_exchange.show", public_id=delivery.public_id)
    commit_made(location)
    return DeliveryAnswer.of(delivery), 201, {"Location": location}


@blueprint.get("/predictions/<public_id:public_id>/deliveries")
@operation("List where a test was sent", scope=READ, answers={200: Page[DeliveryAnswer]}, query=PageQuery)
def index(public_id: str, query: PageQuery) -> Page[DeliveryAnswer]:
    """List what was to be sent of a test, the newest first."""
    of_analysis = deliveries_of(caller()).where(Delivery.analysis_id == _analysis(public_id).id)
    found, following = part_of(db.session(), of_analysis, Delivery.id, query)
    return Page(items=[DeliveryAnswer.of(delivery) for delivery in found], next=following)


@blueprint.get("/deliveries/<public_id:public_id>")
@operation("Show a delivery", scope=READ, answers={200: DeliveryAnswer})
def show(public_id: str) -> DeliveryAnswer:
    """Answer how far a delivery is."""
    return DeliveryAnswer.of(_delivery(public_id)[1])


@blueprint.post("/deliveries/<public_id:public_id>/retry")
@operation("Try a delivery again", scope=WRITE, answers={200: DeliveryAnswer}, problems=(409,))
def retry(public_id: str) -> DeliveryAnswer:
    """Try now what waits for its next attempt, or was given up."""
    analysis, delivery = _delivery(public_id)
    services.retry(db.session(), require_seen(analysis), delivery, author=caller())
    db.session.commit()
    return DeliveryAnswer.of(delivery)


@blueprint.post("/deliveries/<public_id:public_id>/cancel")
@operation("Take a delivery back", scope=WRITE, answers={200: DeliveryAnswer}, problems=(409,))
def cancel(public_id: str) -> DeliveryAnswer:
    """Take back what waits."""
    _, delivery = _delivery(public_id)
    services.cancel(db.session(), delivery)
    db.session.commit()
    return DeliveryAnswer.of(delivery)


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), caller(), public_id)


def _delivery(public_id: str) -> tuple[Analysis, Delivery]:
    return delivery_of(db.session(), caller(), public_id)
