"""Queries for research: tests of patients whose consent is in force, and what was seen in the photographs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.inference import WRITING_VERSION
from app.interop.dicom.tables import ArchivePhotograph
from app.patients.consents.selectors import has_agreed
from app.patients.consents.tables import RESEARCH
from app.patients.selectors import patients_of
from app.patients.tables import Lesion, Patient
from app.results.selectors import LISTED, analyses_of
from app.results.tables import Analysis
from app.rights.research.rows import Cell, Subject, cell_of
from app.rights.research.tables import PhotographCheck

PAGE = 100
CHECKED = and_(PhotographCheck.analysis_id.is_not(None), PhotographCheck.version == WRITING_VERSION)
LOOKED_AT = and_(ArchivePhotograph.analysis_id.is_not(None), ArchivePhotograph.anonymous.is_(True))
# not accepted: the classifier has never seen the like, as an overview photograph is, of a face perhaps
DOUBTFUL = and_(CHECKED, or_(PhotographCheck.written.is_(True), Analysis.accepted.is_(False)))
INCLUDED = and_(CHECKED, or_(~DOUBTFUL, LOOKED_AT))


@dataclass(frozen=True, slots=True)
class Extent:
    """How much an export would hold; `waiting` photographs are not checked yet, `doubtful` ones not looked at."""

    patients: int
    tests: int
    waiting: int
    doubtful: int


def agreed_tests_of(user: User) -> Select[Analysis]:
    """Select the tests of patients whose consent to research is in force."""
    agreed = patients_of(user).where(has_agreed(RESEARCH)).with_only_columns(Patient.id)
    return _with_checks(analyses_of(user).where(Analysis.patient_id.in_(agreed)))


def extent_of(session: Session, user: User) -> Extent:
    """Count what an export would hold."""
    tests = agreed_tests_of(user)
    counts = tests.with_only_columns(
        func.count(Analysis.patient_id.distinct()), func.count(), _how_many(~_true(CHECKED)), _how_many(_open_doubt())
    )
    patients, all_tests, waiting, doubtful = session.execute(counts).one()
    return Extent(patients, all_tests, int(waiting or 0), int(doubtful or 0))


def doubtful_of(session: Session, user: User, limit: int) -> Sequence[tuple[Analysis, bool]]:
    """Return photographs that a person has to look at first, each with whether something like writing was seen."""
    rows = agreed_tests_of(user).where(_open_doubt()).order_by(Analysis.id).limit(limit).options(*LISTED)
    return [(row[0], row[1]) for row in session.execute(rows.add_columns(PhotographCheck.written))]


def pages_of(session: Session, user: User) -> Iterator[Sequence[tuple[Analysis, Subject, bool]]]:
    """Yield the tests of an export with whose they are, and whether the photograph may go along, some at a time.

    Who withdraws consent, or is erased, while it is made is not in what comes after.
    """
    query, last = agreed_tests_of(user).add_columns(_true(INCLUDED)).options(*LISTED).order_by(Analysis.id), 0
    while rows := session.execute(query.where(Analysis.id > last).limit(PAGE)).all():
        last = rows[-1][0].id
        subjects = _subjects(session, [row[0] for row in rows])
        yield [(row[0], subjects[row[0].id], bool(row[1])) for row in rows]
        for row in rows:
            session.expunge(row[0])


def cells_of(session: Session, user: User) -> Mapping[Cell, int]:
    """Return how many patients each group has: the smaller, the easier to tell who it is."""
    patients = defaultdict[Cell, set[str]](set)
    for page in pages_of(session, user):
        for analysis, subject, _ in page:
            patients[cell_of(analysis, subject)].add(subject.patient)
    return {cell: len(members) for cell, members in patients.items()}


def _with_checks(tests: Select[Analysis]) -> Select[Analysis]:
    checked = tests.outerjoin(PhotographCheck, PhotographCheck.analysis_id == Analysis.id)
    return checked.outerjoin(ArchivePhotograph, ArchivePhotograph.analysis_id == Analysis.id)


def _open_doubt() -> ColumnElement[bool]:
    return and_(DOUBTFUL, ~_true(LOOKED_AT))


def _true(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Take what is unknown, where nothing was joined, for false."""
    return func.coalesce(condition, False)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _subjects(session: Session, tests: Sequence[Analysis]) -> Mapping[int, Subject]:
    of_tests = Patient.id.in_({test.patient_id for test in tests})
    patients = {one.id: one for one in session.scalars(select(Patient).where(of_tests))}
    shown = Lesion.id.in_({test.lesion_id for test in tests})
    lesions = {one.id: one for one in session.scalars(select(Lesion).where(shown))}
    return {test.id: _subject(patients[test.patient_id or 0], lesions.get(test.lesion_id or 0)) for test in tests}


def _subject(patient: Patient, lesion: Lesion | None) -> Subject:
    return Subject(
        patient=patient.public_id,
        lesion=None if lesion is None else lesion.public_id,
        birth_year=patient.birth_year,
        sex=patient.sex,
        skin_type=patient.skin_type,
        site=None if lesion is None else lesion.site,
    )
