"""A patient's tests with all that is kept of each, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import Batch, BatchItem
from app.interop.deliveries.tables import Delivery
from app.interop.dicom.tables import ArchivePhotograph
from app.patients.tables import FormerKeeping, Lesion
from app.reports.tables import Report, Signature
from app.results.outlines.tables import LesionOutline, Scale
from app.results.selectors import analyses_of
from app.results.tables import Analysis
from app.results.verdicts.blind import CONCEALED, concealed
from app.results.verdicts.tables import Verdict
from app.rights.export.schemas import (
    ExportedBatch,
    ExportedDelivery,
    ExportedNature,
    ExportedOutline,
    ExportedReport,
    ExportedScale,
    ExportedTest,
    ExportedVerdict,
)

PAGE = 50
ANSWER = (
    "label", "probabilities", "probabilities_with_patient", "malignancy", "views", "views_changed", "similar",
    "heatmap",
)  # fmt: skip
HIDDEN = f"{CONCEALED}: the answer and the reports are left out."


def pages_of(session: Session, user: User, patient_id: int) -> Iterator[Sequence[Analysis]]:
    """Yield a patient's tests in the order in which they were made, some at a time."""
    of_patient, last = analyses_of(user).where(Analysis.patient_id == patient_id).order_by(Analysis.id), 0
    while page := session.scalars(of_patient.where(Analysis.id > last).limit(PAGE)).all():
        last = page[-1].id
        yield page


def exported(session: Session, user: User, page: Sequence[Analysis]) -> Iterator[ExportedTest]:
    """Yield what is told of some tests, in a number of queries that doesn't depend on how many they are."""
    around = _Around(session, page)
    yield from (_exported(user, analysis, around) for analysis in page)


def moved_here(session: Session, page: Sequence[Analysis]) -> Mapping[int, datetime]:
    """Return until when those of some tests that were kept with another patient were, by the test's id.

    What was issued before bears that patient's name, as the name of the file may.
    """
    others = select(FormerKeeping.analysis_id, func.max(FormerKeeping.until)).join(
        Analysis, Analysis.id == FormerKeeping.analysis_id
    )
    of_page = FormerKeeping.analysis_id.in_([analysis.id for analysis in page])
    elsewhere = FormerKeeping.patient_id != Analysis.patient_id
    return dict(list(session.execute(others.where(of_page, elsewhere).group_by(FormerKeeping.analysis_id))))


def folder_of(analysis: Analysis) -> str:
    """Return the folder of a test in the archive."""
    return f"tests/{analysis.public_id}"


def is_older(report: Report, moved: Mapping[int, datetime]) -> bool:
    """Tell whether a report was issued when its test was kept with another patient."""
    until = moved.get(report.analysis_id)
    return until is not None and report.issued_at <= until


def report_file(analysis: Analysis, code: str) -> str:
    """Return the path of a report in the archive."""
    return f"{folder_of(analysis)}/report-{code}.pdf"


class _Around:
    """What is kept of some analyses in other tables, by the analysis's id."""

    def __init__(self, session: Session, page: Sequence[Analysis]) -> None:
        self._session, self._ids = session, [analysis.id for analysis in page]
        self.moved = moved_here(session, page)
        self.outlines = {row.analysis_id: row for row in self._rows(LesionOutline)}
        self.natures = {row.analysis_id: row for row in self._rows(ArchivePhotograph)}
        self.scales = self._grouped(Scale)
        self.verdicts = self._grouped(Verdict)
        self.deliveries = self._grouped(Delivery)
        self.reports = self._reports()
        self.batches = self._batches()
        of_lesions = select(Lesion.id, Lesion.public_id).where(Lesion.id.in_({one.lesion_id for one in page}))
        self.lesions: dict[int, str] = dict(list(session.execute(of_lesions)))

    def _rows(self, table: Any) -> Sequence[Any]:
        return self._session.scalars(select(table).where(table.analysis_id.in_(self._ids))).all()

    def _grouped(self, table: Any) -> dict[int, list[Any]]:
        grouped = defaultdict[int, list[Any]](list)
        for row in sorted(self._rows(table), key=lambda row: int(row.id)):
            grouped[row.analysis_id].append(row)
        return grouped

    def _reports(self) -> dict[int, list[tuple[Report, Signature | None]]]:
        joined = select(Report, Signature).outerjoin(Signature, Signature.report_id == Report.id)
        grouped = defaultdict[int, list[tuple[Report, Signature | None]]](list)
        for report, signature in self._session.execute(
            joined.where(Report.analysis_id.in_(self._ids)).order_by(Report.id)
        ):
            if is_older(report, self.moved):
                continue
            grouped[report.analysis_id].append((report, signature))
        return grouped

    def _batches(self) -> dict[int, ExportedBatch]:
        joined = select(BatchItem.analysis_id, BatchItem.name, Batch.public_id, Batch.created_at)
        joined = joined.join(Batch, Batch.id == BatchItem.batch_id).where(BatchItem.analysis_id.in_(self._ids))
        return {
            analysis_id: ExportedBatch(
                public_id=public_id, created_at=created_at, file=None if analysis_id in self.moved else name
            )
            for analysis_id, name, public_id, created_at in self._session.execute(joined)
            if analysis_id is not None
        }


def _exported(user: User, analysis: Analysis, around: _Around) -> ExportedTest:
    hidden, known, folder = concealed(user, analysis), analysis.id, folder_of(analysis)
    outline, nature = around.outlines.get(known), around.natures.get(known)
    plain = {name: getattr(analysis, name) for name in ExportedTest.model_fields if hasattr(Analysis, name)}
    return ExportedTest(
        **plain | (dict.fromkeys(ANSWER) if hidden else {}),
        lesion=around.lesions.get(analysis.lesion_id or 0),
        photograph=f"{folder}/photograph.png",
        concealed=HIDDEN if hidden else None,
        heatmap_file=None if hidden else f"{folder}/heatmap.png",
        outline=outline and ExportedOutline.model_validate(outline),
        scales=[ExportedScale.model_validate(row) for row in around.scales[known]],
        verdicts=[ExportedVerdict.model_validate(row) for row in around.verdicts[known]],
        nature=nature and ExportedNature.model_validate(nature),
        deliveries=[ExportedDelivery.model_validate(row) for row in around.deliveries[known]],
        batch=around.batches.get(known),
        reports=[] if hidden else [_report(analysis, *issued) for issued in around.reports[known]],
    )


def _report(analysis: Analysis, report: Report, signature: Signature | None) -> ExportedReport:
    told = {name: getattr(report, name) for name in ("code", "kind", "version", "reason", "issued_by", "issued_at")}
    return ExportedReport(
        **told,
        signed_by=signature and signature.signed_by,
        signed_at=signature and signature.signed_at,
        pdf_sha256=(signature or report).pdf_sha256,
        file=report_file(analysis, report.code),
    )
