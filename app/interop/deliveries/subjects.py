"""Whose a delivery is, for the audit log."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import names_patient_of
from app.audit.events import DELIVERY
from app.auth.tables import User
from app.interop.deliveries.selectors import deliveries_of
from app.interop.deliveries.tables import Delivery
from app.patients.tables import Patient
from app.results.tables import Analysis


@names_patient_of(DELIVERY)
def patient_of_delivery(session: Session, actor_id: int, public_id: str) -> str | None:
    """Return the public id of the patient whose test is sent; None if nobody's, or it is not theirs."""
    deliveries = deliveries_of(session.get_one(User, actor_id)).where(Delivery.public_id == public_id)
    sent = deliveries.with_only_columns(Delivery.analysis_id)
    whose = select(Patient.public_id).join(Analysis, Analysis.patient_id == Patient.id)
    return session.scalar(whose.where(Analysis.id.in_(sent)))
