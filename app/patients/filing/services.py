"""Keep tests with patients: with whom was chosen, with whom the name tells beyond doubt, or with nobody yet.

A name never decides where it could mean two people. The caller commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import NotFoundError
from app.one_at_a_time import one_at_a_time
from app.patients import erasure, services
from app.patients.filing.made_along import MadeAlong
from app.patients.lesions import services as lesions
from app.patients.records import LesionFacts, PatientFacts, Place
from app.patients.selectors import namesakes_of
from app.patients.tables import FormerKeeping, Lesion, Patient
from app.results.retakes import settle
from app.results.services import remove
from app.results.tables import Analysis

TOLERANCE = 2  # years between two birth years that may still be one person's: birthdays, and slips of the pen


class Doubt(Enum):
    """Why a name alone doesn't tell with whom to keep a test."""

    SEVERAL = "several"
    ARCHIVED = "archived"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a clinician wants a test to be kept: with a patient, and one lesion, a new one, or none.

    `place` is where on the body map a new one lies, if that was marked.
    """

    patient: Patient
    lesion: Lesion | None = None
    new_lesion: bool = False
    place: Place | None = None

    @property
    def key(self) -> tuple[str, str, bool, Place | None]:
        """Tell destinations apart."""
        return self.patient.public_id, self.lesion.public_id if self.lesion else "", self.new_lesion, self.place


def keep(session: Session, analysis: Analysis, *, author: User, destination: Destination | None = None) -> None:
    """Keep a new test where it was meant to go, else with the one patient of its name, made if there is none.

    In doubt it is kept with nobody, and waits for a choice. ArchivedError: see `move`.
    """
    if destination is not None:
        move(session, analysis, destination=destination)
        return
    one_at_a_time(session, f"patients called {analysis.patient_key}")  # two tests of a new name make one patient
    namesakes = namesakes_of(session, author, analysis.patient_name)
    if not namesakes:
        _join(session, analysis, new_patient(session, analysis, author=author, name=analysis.patient_name))
    elif doubt(session, analysis, namesakes) is None:
        _join(session, analysis, namesakes[0])
    settle(session, analysis.patient_id)


def move(session: Session, analysis: Analysis, *, destination: Destination) -> None:
    """Keep a test with another patient or lesion; ArchivedError if the patient is archived."""
    patient, lesion = destination.patient, destination.lesion
    if patient.clinic_id != analysis.clinic_id or (lesion is not None and lesion.patient_id != patient.id):
        raise ValueError("a test stays in its clinic, and a lesion with its patient")
    if patient.id != analysis.patient_id:
        services.require_active(patient)
    if destination.new_lesion:
        place = {} if destination.place is None else asdict(destination.place)
        lesion = lesions.create(session, patient, facts=LesionFacts(site=analysis.body_site, **place))
    former = analysis.patient_id
    if former is not None and former != patient.id:
        session.add(FormerKeeping(analysis_id=analysis.id, patient_id=former))
    _join(session, analysis, patient)
    analysis.lesion_id = None if lesion is None else lesion.id
    for touched in sorted({patient.id} if former is None else {former, patient.id}):  # one order: see `one_at_a_time`
        settle(session, touched)


def remove_with(session: Session, analysis: Analysis, *, along: MadeAlong) -> None:
    """Delete a test, and who and what it has brought into the record."""
    remove(session, analysis)
    if along.lesion is not None:
        lesions.remove(session, along.lesion)
    if along.patient is not None:
        erasure.erase(session, along.patient)


def new_patient(session: Session, analysis: Analysis, *, author: User, name: str) -> Patient:
    """Make a patient of what was said with a test; the birth year is not guessed from the age."""
    return services.create(session, author=author, facts=PatientFacts(name=name, sex=analysis.sex))


def doubt(session: Session, analysis: Analysis, namesakes: Sequence[Patient]) -> Doubt | None:
    """Return why a test can't be kept with the patients of its name, of whom there is one or more; None if it can."""
    if len(namesakes) > 1:
        return Doubt.SEVERAL
    (patient,) = namesakes
    if patient.archived_at is not None:
        return Doubt.ARCHIVED
    return None if _could_be(session, patient, analysis) else Doubt.FACTS


def _could_be(session: Session, patient: Patient, analysis: Analysis) -> bool:
    if patient.sex and analysis.sex and patient.sex != analysis.sex:
        return False
    if analysis.age is None:
        return True
    known = patient.birth_year or _born_by_tests(session, patient)
    return known is None or abs(analysis.created_at.year - analysis.age - known) <= TOLERANCE


def _born_by_tests(session: Session, patient: Patient) -> int | None:
    """Return the birth year that the newest test with an age speaks for."""
    aged = select(Analysis.created_at, Analysis.age).where(Analysis.patient_id == patient.id, Analysis.age.is_not(None))
    newest = session.execute(aged.order_by(Analysis.created_at.desc(), Analysis.id.desc()).limit(1)).first()
    return None if newest is None else newest.created_at.year - newest.age


def _join(session: Session, analysis: Analysis, patient: Patient) -> None:
    """Keep a test with a patient, under the name of this moment: whoever renames or removes the patient waits."""
    held = select(Patient).where(Patient.id == patient.id).with_for_update(key_share=True)
    if session.scalar(held.execution_options(populate_existing=True)) is None:
        raise NotFoundError("The patient is no longer there.")
    analysis.patient_id = patient.id
    analysis.patient_name, analysis.patient_key = patient.name, patient.name_key
