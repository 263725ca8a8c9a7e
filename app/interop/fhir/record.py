"""What is told of an analysis in FHIR, gathered from the database and storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.inference import Card, Frame, Label, heatmap_png
from app.interop.dicom.selectors import nature_of
from app.patients.selectors import lesions_of, patients_of
from app.patients.tables import Lesion, Patient
from app.reports.case import opinions
from app.reports.clinical import clinical_report
from app.reports.files import issued_file
from app.reports.selectors import Issued, reports_of_analysis
from app.reports.tables import CLINICAL
from app.results.files import verified_photograph
from app.results.outlines.records import Measured
from app.results.outlines.selectors import measured
from app.results.presentation import card_of, labels_of
from app.results.report.case import Opinion
from app.results.report.clinic import Clinic
from app.results.report.content import ReportContent, report_content
from app.results.tables import Analysis
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
from app.storage import Storage
from config import Settings

if TYPE_CHECKING:
    from app.results.report.pictures import Picture  # brings Pillow, which the start does without


@dataclass(frozen=True, slots=True)
class Pictures:
    """The photograph in full, and its framed square under the heat map."""

    photograph: Picture
    heatmap: Picture


@dataclass(frozen=True, slots=True)
class Record:
    """An analysis with all that is known of it.

    `patient` is None while it is kept with nobody. `assessment` and `diagnosis` are the newest verdicts, which may
    have taken back what was said before. `reports` are the clinical ones, the newest first; `standing` is the newest
    signed one, else the newest, and `pdf` its file: a working copy where none was issued. `dermoscopic` is set if
    somebody has said so of the photograph.
    """

    analysis: Analysis
    patient: Patient | None
    lesion: Lesion | None
    assessment: Verdict | None
    diagnosis: Verdict | None
    opinions: Sequence[Opinion]
    measured: Measured
    content: ReportContent
    card: Card | None
    labels: Sequence[Label]
    reports: Sequence[Issued]
    standing: Issued | None
    pdf: bytes
    pictures: Pictures
    dermoscopic: bool


def record_of(session: Session, storage: Storage, *, user: User, analysis: Analysis, settings: Settings) -> Record:
    """Gather what a person may see of an analysis; NotFoundError and DamagedFileError if a file is not as it was."""
    issued = reports_of_analysis(session, user, analysis)
    clinical = [report for report in issued if report.report.kind == CLINICAL]
    standing = next((report for report in clinical if report.signature), clinical[0] if clinical else None)
    verdicts = verdicts_of(session, analysis)
    card, labels, nature = card_of(analysis), labels_of(analysis), nature_of(session, analysis)
    return Record(
        analysis=analysis,
        patient=session.scalar(patients_of(user).where(Patient.id == analysis.patient_id)),
        lesion=session.scalar(lesions_of(user).where(Lesion.id == analysis.lesion_id)),
        assessment=newest(verdicts, ASSESSMENT),
        diagnosis=newest(verdicts, DIAGNOSIS),
        opinions=opinions(session, analysis),
        measured=measured(session, analysis),
        content=report_content(
            analysis, clinic=Clinic.of(settings), card=card, labels=labels, prevalence=settings.prevalence
        ),
        card=card,
        labels=labels,
        reports=clinical,
        standing=standing,
        pdf=_working_copy(session, storage, user, analysis, settings)
        if standing is None
        else issued_file(storage, analysis, standing),
        pictures=_pictures(storage, analysis),
        dermoscopic=nature is not None and nature.dermoscopic,
    )


def _working_copy(session: Session, storage: Storage, user: User, analysis: Analysis, settings: Settings) -> bytes:
    return clinical_report(session, storage, user=user, analysis=analysis, settings=settings).drawn()


def _pictures(storage: Storage, analysis: Analysis) -> Pictures:
    from app.results.report import pictures  # noqa: PLC0415 - Pillow is not needed at the web's start

    photograph = verified_photograph(storage, analysis)
    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    _, square = pictures.printed_pictures(photograph, heatmap_png(analysis.heatmap), frame)
    return Pictures(pictures.whole_picture(photograph), square)
