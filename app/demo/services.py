"""Fill a site with the demonstration, patient by patient, the way that every photograph goes. The caller commits."""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from PIL import Image
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.auth import services as accounts
from app.auth import tables
from app.auth.passwords import Passwords
from app.auth.tables import User
from app.decoding.limits import Limits
from app.demo.clinic import MALIGNANT, PlannedLesion, PlannedPatient, Take
from app.demo.drawing import LOOKS, draw
from app.demo.tables import DemoRecord
from app.errors import AppError
from app.inference import Frame, classify
from app.inference import Patient as Facts
from app.patients import services as patients
from app.patients.filing.services import Destination
from app.patients.follow_ups import services as follow_ups
from app.patients.lesions import services as lesions
from app.patients.records import LesionFacts, PatientFacts
from app.patients.tables import Lesion, Patient
from app.results.records import PatientDetails
from app.results.retakes import settle
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from app.security.roles import ADMINISTRATOR, CLINICIAN
from app.storage import Storage
from app.upload.inspection import SafeImage, inspect
from app.upload.services import submit

NOTE = "Demonstration: the picture is drawn, the patient is invented."
NAME = "Demonstration clinic"
ACCOUNTS = (
    ("Dr Maren Holt (demo)", "holt@demo.example", ADMINISTRATOR),
    ("Dr Samir Aziz (demo)", "aziz@demo.example", CLINICIAN),
)
LEFT, TOP, WIDTH, HEIGHT = 16, 4, 208, 512  # of the body map's drawing, in whose units places are planned
DRAWINGS = 6  # that are tried at most until the classifier accepts one


class InUseError(AppError):
    """The site is not empty."""

    status = 409
    title = "This site is in use"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demonstration, and the password, which is kept nowhere."""

    user: User
    password: str


@dataclass(frozen=True, slots=True)
class Clinic:
    """Where and when the demonstration happens: whose patients, which classifier, and what day it is."""

    storage: Storage
    author: User
    model: str
    limits: Limits
    today: datetime


def is_demonstration(session: Session) -> bool:
    """Tell whether anything is there that the demonstration made."""
    return bool(session.scalar(select(exists().where(DemoRecord.kind.is_not(None)))))


def make_accounts(session: Session, passwords: Passwords) -> Sequence[Account]:
    """Make the accounts; InUseError if there is any account already."""
    if session.scalar(select(exists().where(User.id.is_not(None)))):
        raise InUseError("The demonstration fills an empty site, and this one has accounts. Nothing was changed.")
    clinic, made = accounts.found(session, name=NAME), []
    session.add(DemoRecord(kind=tables.Clinic.__tablename__, key=clinic.public_id))
    for name, email, role in ACCOUNTS:
        password = secrets.token_urlsafe(12)
        user = accounts.register(
            session, passwords, name=name, email=email, password=password, clinic=clinic, role=role
        )
        session.add(DemoRecord(kind=User.__tablename__, key=user.email))
        made.append(Account(user, password))
    return made


def add_patient(session: Session, clinic: Clinic, planned: PlannedPatient) -> Sequence[Analysis]:
    """Keep a patient with all lesions, photographs and verdicts, and return the tests."""
    facts = PatientFacts(planned.name, planned.born, planned.sex, planned.skin, planned.notes)
    patient = patients.create(session, author=clinic.author, facts=facts)
    session.add(DemoRecord(kind=Patient.__tablename__, key=patient.public_id))
    tests = [test for lesion in planned.lesions for test in _add_lesion(session, clinic, planned, patient, lesion)]
    patient.created_at = min(test.created_at for test in tests)
    settle(session, patient.id)
    return tests


def add_nameless(session: Session, clinic: Clinic, planned: PlannedPatient) -> Analysis:
    """Take a photograph under a name that two patients have: it is kept with nobody."""
    for born in (planned.born - 8, planned.born + 6):
        facts = PatientFacts(planned.name, born, planned.sex)
        namesake = patients.create(session, author=clinic.author, facts=facts)
        session.add(DemoRecord(kind=Patient.__tablename__, key=namesake.public_id))
    return _take(session, clinic, planned, planned.lesions[0], Take(1, 1.0, 0.0), destination=None)


def _add_lesion(
    session: Session, clinic: Clinic, planned: PlannedPatient, patient: Patient, lesion: PlannedLesion
) -> Sequence[Analysis]:
    lesion = _familiar(clinic, planned, lesion)
    x, y = (lesion.x - LEFT) / WIDTH, (lesion.y - TOP) / HEIGHT
    facts = LesionFacts(label=lesion.label, site=lesion.site, side=lesion.side, x=x, y=y)
    row = lesions.create(session, patient, facts=facts)
    session.add(DemoRecord(kind=Lesion.__tablename__, key=row.public_id))
    destination = Destination(patient, row)
    tests = [_take(session, clinic, planned, lesion, take, destination=destination) for take in lesion.takes]
    row.created_at = tests[0].created_at
    row.first_noticed = (tests[0].created_at - timedelta(days=lesion.seed % 400)).date()
    _judge(session, clinic, lesion, tests[-1])
    _follow_up(session, clinic, lesion, row, tests)
    return tests


def _take(
    session: Session,
    clinic: Clinic,
    planned: PlannedPatient,
    lesion: PlannedLesion,
    take: Take,
    *,
    destination: Destination | None,
) -> Analysis:
    """Take a photograph on its day: drawn, inspected, classified and kept as an upload is."""
    at = clinic.today - timedelta(days=take.days_ago, minutes=lesion.seed % 540)
    details = PatientDetails(planned.name, at.year - planned.born, planned.sex, lesion.site, NOTE)
    analysis = submit(
        session,
        clinic.storage,
        author=clinic.author,
        photograph=_photograph(clinic, planned, lesion, take),
        details=details,
        model=clinic.model,
        destination=destination,
    )
    analysis.created_at = at
    session.add(DemoRecord(kind=Analysis.__tablename__, key=analysis.public_id))
    session.flush()
    return analysis


def _photograph(clinic: Clinic, planned: PlannedPatient, lesion: PlannedLesion, take: Take) -> SafeImage:
    look = LOOKS[lesion.look]
    held = take.days_ago
    picture = draw(look, planned.skin, lesion.seed, growth=take.growth, take=held, blurred=take.blurred)
    return inspect(jpeg(picture), clinic.limits)


def _familiar(clinic: Clinic, planned: PlannedPatient, lesion: PlannedLesion) -> PlannedLesion:
    """Return a lesion of the same plan whose first photograph the classifier accepts; the last that is tried, if none.

    Drawings are only nearly like photographs, and some are refused: a clinic in which most are has little to show.
    """
    for attempt in range(DRAWINGS):
        tried = replace(lesion, seed=lesion.seed + attempt)
        photograph = _photograph(clinic, planned, tried, lesion.takes[0]).image
        frame = Frame.centred(*photograph.size)
        if classify(photograph, frame, clinic.model, Facts(None, None, None)).accepted:
            break
    return tried


def _judge(session: Session, clinic: Clinic, lesion: PlannedLesion, test: Analysis) -> None:
    """Record what the clinician thought on the day, and what it turned out to be some weeks later."""
    if lesion.assessment is not None:
        given = give(session, test, author=clinic.author, kind=ASSESSMENT, label=lesion.assessment)
        given.created_at = test.created_at + timedelta(minutes=4)
    later = test.created_at + timedelta(days=9 if lesion.diagnosis in MALIGNANT else 24)
    if lesion.diagnosis is not None and later < clinic.today:
        found = give(
            session,
            test,
            author=clinic.author,
            kind=DIAGNOSIS,
            label=lesion.diagnosis,
            basis=lesion.basis,
            found_on=later.date(),
        )
        found.created_at = later


def _follow_up(session: Session, clinic: Clinic, lesion: PlannedLesion, row: Lesion, tests: Sequence[Analysis]) -> None:
    """Plan the next look at a lesion; where there was an earlier one, it was planned and is done."""
    for before, after in pairwise(tests):
        planned = follow_ups.plan(session, row, author=clinic.author, due=after.created_at.date())
        planned.created_at, planned.done_at = before.created_at, after.created_at
        session.flush()
    if lesion.follow_up is not None:
        due = (tests[-1].created_at + timedelta(days=lesion.follow_up)).date()
        if due < clinic.today.date():  # it was put off, to some day around today
            due = (clinic.today + timedelta(days=lesion.seed % 90 - 20)).date()
        planned = follow_ups.plan(session, row, author=clinic.author, due=due, reason=lesion.reason)
        planned.created_at = tests[-1].created_at


def jpeg(picture: Image.Image) -> bytes:
    """Return a drawing as a camera would save it."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()
