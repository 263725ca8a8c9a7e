"""Queries for deliveries: whatever a person may see of them starts here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.auth.tables import User
from app.errors import NotFoundError
from app.interop.deliveries.tables import FAILED, SENDING, SENT, Delivery
from app.results.selectors import LISTED, analyses_of
from app.results.tables import Analysis


def deliveries_of(user: User) -> Select[Delivery]:
    """Select the deliveries of the analyses of a person's clinic."""
    return select(Delivery).where(Delivery.clinic_id == user.clinic_id)


def deliveries_of_analysis(session: Session, user: User, analysis: Analysis) -> Sequence[Delivery]:
    """Return what was to be sent of an analysis, the newest first."""
    of_analysis = deliveries_of(user).where(Delivery.analysis_id == analysis.id)
    return session.scalars(of_analysis.order_by(Delivery.id.desc())).all()


def has_deliveries(session: Session, analysis: Analysis) -> bool:
    """Tell whether an analysis was, or is to be, sent anywhere."""
    return session.scalar(select(Delivery.id).where(Delivery.analysis_id == analysis.id).limit(1)) is not None


def sent_of_patient(session: Session, patient_id: int) -> Mapping[str, int]:
    """Return of how many of a patient's tests each other system has something, by the code of its kind."""
    joined = select(Delivery.destination, func.count(Delivery.analysis_id.distinct()))
    sent = joined.join(Analysis, Analysis.id == Delivery.analysis_id).where(
        Analysis.patient_id == patient_id, Delivery.state.in_((SENDING, SENT))
    )
    return dict(list(session.execute(sent.group_by(Delivery.destination).order_by(Delivery.destination))))


def undelivered_of(session: Session, user: User, limit: int) -> Sequence[tuple[Delivery, Analysis]]:
    """Return what was given up and not asked for again, each with its test, the newest first."""
    newer = aliased(Delivery)
    same = newer.analysis_id == Delivery.analysis_id, newer.destination == Delivery.destination
    since = exists().where(*same, newer.id > Delivery.id)
    joined = select(Delivery, Analysis).join(Analysis, Analysis.id == Delivery.analysis_id)
    failed = joined.where(Delivery.clinic_id == user.clinic_id, Delivery.state == FAILED, ~since)
    rows = session.execute(failed.order_by(Delivery.id.desc()).limit(limit).options(*LISTED)).all()
    return [(delivery, analysis) for delivery, analysis in rows]


def delivery_of(session: Session, user: User, public_id: str) -> tuple[Analysis, Delivery]:
    """Return one delivery of a person's clinic, with its analysis; NotFoundError if there is none such."""
    delivery = session.scalar(deliveries_of(user).where(Delivery.public_id == public_id))
    found = None if delivery is None else session.scalar(analyses_of(user).where(Analysis.id == delivery.analysis_id))
    if delivery is None or found is None:
        raise NotFoundError("There is no such delivery. Its test may have been deleted.")
    return found, delivery
