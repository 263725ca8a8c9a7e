"""Operations on lesions: list those of a patient, write down, change, remove; plan and finish follow-ups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy.exc import IntegrityError

from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.lesions.schemas import FollowUpSent, LesionAnswer, LesionChanges, LesionSent
from app.api.operation import operation
from app.api.paging import part_of
from app.api.schemas import Page, PageQuery, Sent
from app.api.tokens.scopes import READ, WRITE
from app.clock import now
from app.extensions import db
from app.patients.follow_ups import services as follow_ups
from app.patients.lesions import services
from app.patients.lesions.kept import kept_with_lesions
from app.patients.records import LesionFacts
from app.patients.selectors import lesion_of, lesions_of, patient_of
from app.patients.tables import Lesion, Patient

blueprint = Blueprint("api_lesions", __name__, url_prefix="/api/v1")


@blueprint.get("/patients/<public_id:public_id>/lesions")
@operation("List a patient's lesions", scope=READ, answers={200: Page[LesionAnswer]}, query=PageQuery)
def index(public_id: str, query: PageQuery) -> Page[LesionAnswer]:
    """List the lesions of a patient, the newest first."""
    session, patient = db.session(), patient_of(db.session(), caller(), public_id)
    of_patient = lesions_of(caller()).where(Lesion.patient_id == patient.id)
    lesions, following = part_of(session, of_patient, Lesion.id, query)
    kept = kept_with_lesions(session, caller(), lesions)
    return Page(items=[LesionAnswer.of(patient.public_id, one) for one in kept], next=following)


@blueprint.post("/patients/<public_id:public_id>/lesions")
@operation("Write down a lesion", scope=WRITE, answers={201: LesionAnswer}, body=LesionSent, makes=True)
def new(public_id: str, body: LesionSent) -> tuple[LesionAnswer, int, dict[str, str]]:
    """Write down a new lesion of a patient."""
    patient = patient_of(db.session(), caller(), public_id)
    lesion = services.create(db.session(), patient, facts=LesionFacts(**_said(body)))
    location = url_for("api_lesions.show", public_id=lesion.public_id)
    commit_made(location)
    return _answer(patient, lesion), 201, {"Location": location}


@blueprint.get("/lesions/<public_id:public_id>")
@operation("Show a lesion", scope=READ, answers={200: LesionAnswer})
def show(public_id: str) -> LesionAnswer:
    """Answer what is written of a lesion, and when it is to be looked at again."""
    return _answer(*_lesion(public_id))


@blueprint.patch("/lesions/<public_id:public_id>")
@operation("Change a lesion", scope=WRITE, answers={200: LesionAnswer}, body=LesionChanges)
def change(public_id: str, body: LesionChanges) -> LesionAnswer:
    """Change what is sent, and nothing else."""
    patient, lesion = _lesion(public_id)
    services.amend(lesion, facts=replace(LesionFacts.of(lesion), **_said(body)))
    db.session.commit()
    return _answer(patient, lesion)


@blueprint.delete("/lesions/<public_id:public_id>")
@operation("Remove a lesion", scope=WRITE, answers={204: None})
def remove(public_id: str) -> None:
    """Remove a lesion with its follow-ups; its tests stay with the patient."""
    _, lesion = _lesion(public_id)
    services.remove(db.session(), lesion)
    db.session.commit()


@blueprint.put("/lesions/<public_id:public_id>/follow-up")
@operation("Plan a follow-up", scope=WRITE, answers={200: LesionAnswer}, body=FollowUpSent)
def plan(public_id: str, body: FollowUpSent) -> LesionAnswer:
    """Set the day of a lesion's next follow-up, in place of the one that was set."""
    try:
        _plan(public_id, body)
    except IntegrityError:  # of two at once, the second finds what the first has planned
        db.session.rollback()
        _plan(public_id, body)
    return _answer(*_lesion(public_id))


@blueprint.delete("/lesions/<public_id:public_id>/follow-up")
@operation("Take a follow-up away", scope=WRITE, answers={204: None})
def take_away(public_id: str) -> None:
    """Forget the follow-up that is planned, if there is one: it was not done, and is not to be."""
    follow_ups.take_away(db.session(), _lesion(public_id)[1], user=caller())
    db.session.commit()


@blueprint.post("/lesions/<public_id:public_id>/follow-up/done")
@operation("Finish a follow-up", scope=WRITE, answers={200: LesionAnswer})
def finish(public_id: str) -> LesionAnswer:
    """Note that a lesion was followed up, if that was planned."""
    patient, lesion = _lesion(public_id)
    follow_ups.finish(db.session(), lesion, user=caller(), at=now())
    db.session.commit()
    return _answer(patient, lesion)


def _said(body: Sent) -> dict[str, Any]:
    """Return the facts that were sent, as `LesionFacts` names them."""
    said = body.changes
    if "body_site" in said:
        said["site"] = said.pop("body_site")
    if "place" in said:
        place = said.pop("place")
        said |= dict.fromkeys(("side", "x", "y")) if place is None else place.model_dump()
    return said


def _plan(public_id: str, body: FollowUpSent) -> None:
    follow_ups.plan(db.session(), _lesion(public_id)[1], author=caller(), due=body.due, reason=body.reason)
    db.session.commit()


def _answer(patient: Patient, lesion: Lesion) -> LesionAnswer:
    (kept,) = kept_with_lesions(db.session(), caller(), [lesion])
    return LesionAnswer.of(patient.public_id, kept)


def _lesion(public_id: str) -> tuple[Patient, Lesion]:
    return lesion_of(db.session(), caller(), public_id)
