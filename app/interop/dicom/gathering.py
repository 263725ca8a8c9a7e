"""Gather what an export tells of an analysis, from the database and storage."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.codes import SITES
from app.interop.dicom.records import Case, Nature, Tracked
from app.interop.dicom.selectors import nature_of
from app.interop.dicom.text import line
from app.interop.laterality import is_left
from app.patients.selectors import lesions_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.files import verified_photograph
from app.results.presentation import card_of, labels_of
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from app.storage import Storage
from config import Settings


def gathered(session: Session, storage: Storage, *, user: User, analysis: Analysis, settings: Settings) -> Case:
    """Return what an export of a person's analysis tells.

    NotFoundError if the photograph is missing; DamagedFileError, logged, if it is not the one that was analysed.
    """
    patient = session.scalar(patients_of(user).where(Patient.id == analysis.patient_id))
    lesion = session.scalar(lesions_of(user).where(Lesion.id == analysis.lesion_id))
    site = (lesion.site if lesion else None) or analysis.body_site
    return Case(
        analysis=analysis,
        photograph=verified_photograph(storage, analysis),
        nature=nature_of(session, analysis) or Nature(),
        patient=patient.public_id if patient else f"test-{analysis.public_id}",
        tracked=_tracked(analysis, lesion),
        site=SITES.get(site or ""),
        left=is_left(lesion) if lesion else None,
        labels=labels_of(analysis),
        card=card_of(analysis),
        verdicts=_in_force(session, analysis),
        shown=not concealed(user, analysis),
        clinic=settings.clinic_name,
    )


def _tracked(analysis: Analysis, lesion: Lesion | None) -> Tracked:
    if lesion is None:
        return Tracked(f"test-{analysis.public_id}", "Lesion of this photograph")
    return Tracked(f"lesion-{lesion.public_id}", line(lesion.label) or "Lesion")


def _in_force(session: Session, analysis: Analysis) -> tuple[Verdict, ...]:
    verdicts = verdicts_of(session, analysis)
    last = (newest(verdicts, kind) for kind in (ASSESSMENT, DIAGNOSIS))
    return tuple(verdict for verdict in last if verdict is not None and verdict.label is not None)
