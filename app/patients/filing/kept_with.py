"""What the page of a test says of the patient it is kept with, or why it is kept with nobody yet."""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.extensions import db
from app.patients.filing.services import Doubt, doubt
from app.patients.selectors import lesions_of, namesakes_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis

NOBODY = "It is not kept with a patient yet: "
DOUBTS = {
    Doubt.SEVERAL: NOBODY + "more than one patient has this name.",
    Doubt.ARCHIVED: NOBODY + "the only patient of this name is archived.",
    Doubt.FACTS: NOBODY + "the patient of this name has another sex or age, and may be somebody else.",
    None: NOBODY + "choose the patient, or make a new one.",
}


@dataclass(frozen=True, slots=True)
class KeptWith:
    """Where a test is kept; without a patient `doubt` is a sentence that says why.

    `others` counts the patient's other tests, `namesakes` those who could be meant, or who have the same name.
    """

    patient: Patient | None
    lesion: Lesion | None
    others: int
    namesakes: int
    doubt: str

    @property
    def others_in_words(self) -> str:
        """Write how many other tests the patient has."""
        return in_words(self.others)


def kept_with(analysis: Analysis) -> KeptWith:
    """Return where a test of the signed-in person is kept, for any template."""
    user: User = current_user._get_current_object()
    return _kept_with(db.session(), user, analysis)


def others_of_one_known_before(session: Session, analysis: Analysis) -> int | None:
    """Count the other tests of the patient of a new test; None if it has none, or one who was made along with it."""
    count = select(func.count()).where(Analysis.patient_id == Patient.id).scalar_subquery()
    before = Patient.id == analysis.patient_id, Patient.created_at < analysis.created_at
    tests = session.scalar(select(count).where(*before))
    return None if tests is None else tests - 1


def in_words(count: int) -> str:
    """Write how many other tests a patient has."""
    return "1 other test" if count == 1 else f"{count or 'no'} other tests"


def _kept_with(session: Session, user: User, analysis: Analysis) -> KeptWith:
    namesakes = namesakes_of(session, user, analysis.patient_name)
    patient = session.scalar(patients_of(user).where(Patient.id == analysis.patient_id))
    if patient is None:
        reason = doubt(session, analysis, namesakes) if namesakes else None
        return KeptWith(None, None, 0, len(namesakes), DOUBTS[reason])
    lesion = session.scalar(lesions_of(user).where(Lesion.id == analysis.lesion_id))
    tests = session.scalar(select(func.count()).where(Analysis.patient_id == patient.id)) or 0
    return KeptWith(patient, lesion, tests - 1, len(namesakes) - 1, "")
