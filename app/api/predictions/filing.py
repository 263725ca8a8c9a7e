"""Whom a test is kept with: another patient, another lesion."""

from __future__ import annotations

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.callers import caller
from app.api.reading import InvalidRequestError, naming
from app.api.schemas import Identifier, Sent
from app.patients.filing.services import Destination
from app.patients.selectors import lesion_of, patient_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis


class Filing(Sent):
    """Where to keep a test: with a patient, and one of their lesions or none. What is left out stays as it is."""

    patient: Identifier | None = Field(
        None, description="Public id of the patient; not needed with a lesion, which tells whose it is."
    )
    lesion: Identifier | None = Field(
        None, description="Public id of the lesion that the photograph shows; null if it is none of the patient's."
    )


def destination_of(session: Session, analysis: Analysis, body: Filing) -> Destination:
    """Return where a test is to be kept; InvalidRequestError."""
    if body.lesion is not None:
        with naming("body", "/lesion"):
            patient, lesion = lesion_of(session, caller(), body.lesion)
        if body.patient not in (None, patient.public_id):
            raise InvalidRequestError.of("body", "/lesion", "This is a lesion of another patient.")
        return Destination(patient, lesion)
    patient = _patient(session, analysis, body)
    stays = patient.id == analysis.patient_id and "lesion" not in body.model_fields_set
    return Destination(patient, _lesion(session, analysis) if stays else None)


def _patient(session: Session, analysis: Analysis, body: Filing) -> Patient:
    if body.patient is not None:
        with naming("body", "/patient"):
            return patient_of(session, caller(), body.patient)
    kept = session.scalar(patients_of(caller()).where(Patient.id == analysis.patient_id))
    if kept is None or not body.model_fields_set:
        raise InvalidRequestError.of("body", "/patient", "Say with which patient the test is to be kept.")
    return kept


def _lesion(session: Session, analysis: Analysis) -> Lesion | None:
    return session.scalar(select(Lesion).where(Lesion.id == analysis.lesion_id))
