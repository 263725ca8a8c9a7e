"""Operations on what patients have a right to: consents, and everything about one of them."""

from __future__ import annotations

from flask import Blueprint, Response

from app.api.callers import caller
from app.api.operation import operation
from app.api.paging import part_of
from app.api.rights.schemas import ConsentAnswer, ConsentSent
from app.api.schemas import Page, PageQuery
from app.api.tokens.scopes import ADMIN, READ, WRITE
from app.extensions import db
from app.patients.consents import services
from app.patients.consents.records import Statement
from app.patients.consents.selectors import of_patient
from app.patients.consents.tables import Consent
from app.patients.selectors import patient_of
from app.patients.tables import Patient
from app.rights.export.views import ZIP, exported

blueprint = Blueprint("api_rights", __name__, url_prefix="/api/v1/patients/<public_id:public_id>")


@blueprint.get("/consents")
@operation("List a patient's consents", scope=READ, answers={200: Page[ConsentAnswer]}, query=PageQuery)
def consents(public_id: str, query: PageQuery) -> Page[ConsentAnswer]:
    """List what was recorded of a patient's consent, the newest first: of each purpose that is in force."""
    rows, following = part_of(db.session(), of_patient(_patient(public_id)), Consent.id, query)
    return Page(items=[ConsentAnswer.of(row) for row in rows], next=following)


@blueprint.post("/consents")
@operation("Record a consent", scope=WRITE, answers={201: ConsentAnswer}, body=ConsentSent)
def record(public_id: str, body: ConsentSent) -> tuple[ConsentAnswer, int, dict[str, str]]:
    """Record that a patient gives consent, or withdraws it."""
    statement = Statement(**body.model_dump())
    row = services.record(db.session(), _patient(public_id), author=caller(), statement=statement)
    answer = ConsentAnswer.of(row)
    db.session.commit()
    return answer, 201, {}


@blueprint.get("/export")
@operation("Export a patient", scope=ADMIN, answers={200: ZIP})
def export(public_id: str) -> Response:
    """Answer everything that is kept about a patient as a zip file; a text in it says what each part is."""
    return exported(caller(), public_id)


def _patient(public_id: str) -> Patient:
    return patient_of(db.session(), caller(), public_id)
