"""Erase a patient with all that is kept of them, whichever feature keeps it. The caller commits."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.erasures.services import Listed, erases_again, write_down
from app.erasures.tables import LESION, PATIENT, TEST
from app.patients.naming import name_of
from app.patients.tables import FormerKeeping, FormerRecord, Lesion, Patient
from app.results.names import written_down
from app.results.saved_filters.tables import SavedFilter
from app.results.services import remove_all_of
from app.results.tables import Analysis

Along = Callable[[Session, Patient], None]
ALONG: list[Along] = []
NOT_KNOWN = "Not known"  # the name of a test that is nobody's


def erases_along(function: Along) -> Along:
    """Let a feature that stands above this one erase what it keeps of a patient, while the patient is still there."""
    ALONG.append(function)
    return function


def erase(session: Session, patient: Patient) -> int:
    """Delete a patient with all lesions and tests, and return how many tests.

    The tests' files are erased by jobs once the caller has committed. Random ids stay, so that a backup which is
    restored later can be brought to the same state.
    """
    _take_turn(session, patient)
    _forget_searches(session, patient)
    for erase_along in ALONG:
        erase_along(session, patient)
    former = select(FormerRecord.public_id).where(FormerRecord.patient_id == patient.id)
    lesions = select(Lesion.public_id).where(Lesion.patient_id == patient.id)
    write_down(session, PATIENT, [patient.public_id, *session.scalars(former)])
    write_down(session, LESION, session.scalars(lesions).all())
    tests = remove_all_of(session, patient_id=patient.id)
    session.delete(patient)
    session.flush()
    return tests


@erases_again(PATIENT)
def erase_again(session: Session, public_id: str, listed: Listed) -> bool:
    """Erase a patient whom a backup has brought back.

    A test that is not to be erased, too, had been moved to somebody else: it is kept, with nobody, until it is filed.
    """
    patient = session.scalar(select(Patient).where(Patient.public_id == public_id))
    if patient is None:
        return False
    of_patient = select(Analysis.public_id, Analysis.id).where(Analysis.patient_id == patient.id)
    tests = dict(list(session.execute(of_patient)))
    moved = [tests[public_id] for public_id in set(tests) - listed(TEST, tests)]
    session.add_all(FormerKeeping(analysis_id=test, patient_id=patient.id) for test in moved)
    key = written_down(session, patient.clinic_id, NOT_KNOWN)
    nobody = {"patient_id": None, "lesion_id": None, "patient_name": NOT_KNOWN, "patient_key": key}
    for test in session.scalars(select(Analysis).where(Analysis.id.in_(moved))):
        for name, value in nobody.items():
            setattr(test, name, value)
    session.flush()
    erase(session, patient)
    return True


def _forget_searches(session: Session, patient: Patient) -> None:
    """Delete the saved filters that ask for the patient by name."""
    name = name_of(session, patient)
    colleagues = select(User.id).where(User.clinic_id == patient.clinic_id)
    for saved in session.scalars(select(SavedFilter).where(SavedFilter.owner_id.in_(colleagues))):
        asked = [value for _, value in parse_qsl(saved.query)]
        if any(name.is_in(text) for text in (saved.name, *asked)):
            session.delete(saved)


def _take_turn(session: Session, patient: Patient) -> None:
    """Let nobody else keep anything with a patient before this transaction ends: what is read next is all there is."""
    row = update(Patient).where(Patient.id == patient.id).values(archived_at=Patient.archived_at)
    session.execute(row.execution_options(synchronize_session=False))  # SQLite: nobody else writes from here on
    session.execute(select(Patient.id).where(Patient.id == patient.id).with_for_update())  # PostgreSQL: nor refers
    session.refresh(patient)
