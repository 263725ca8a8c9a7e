"""Gather what the clinical report of an analysis shows, from the database, storage, and the settings of the clinic."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.inference import heatmap_png
from app.reports.case import opinions, similar_lines
from app.reports.course import shown_course
from app.results.files import stored, verified_photograph
from app.results.known_photographs import photograph_file
from app.results.presentation import card_of, labels_of
from app.results.report import ClinicalReport, composed_report
from app.results.report.case import Case
from app.results.report.clinic import Clinic
from app.results.similar import similar_cases
from app.results.tables import Analysis
from app.storage import Storage
from config import Settings


def clinical_report(
    session: Session, storage: Storage, *, user: User, analysis: Analysis, settings: Settings
) -> ClinicalReport:
    """Return the report of an analysis as the record is now.

    NotFoundError if the photograph is missing; DamagedFileError, logged, if it is not the one that was analysed.
    """
    from app.results.report.pictures import small_square  # noqa: PLC0415 - Pillow is not needed at the web's start

    similar = similar_cases(analysis.similar) if analysis.accepted else ()
    course = shown_course(session, storage, user=user, analysis=analysis)
    files = [photograph_file(case.image_id) for case in similar]
    return composed_report(
        analysis,
        photograph=verified_photograph(storage, analysis),
        heatmap=heatmap_png(analysis.heatmap),
        clinic=Clinic.of(settings),
        prevalence=settings.prevalence,
        card=card_of(analysis),
        labels=labels_of(analysis),
        case=Case(opinions(session, analysis), similar_lines(similar), course.words if course else None),
        course=[small_square(stored(storage, test.thumbnail_key)) for test in (course.shown if course else ())],
        similar=[small_square(file) if file else None for file in files],
    )
