"""Tests as they are answered: what the pages show, for programs, and no more of an answer than they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.api.predictions.details import outline_of, similar_to
from app.api.predictions.schemas import (
    Caution,
    DiagnosticClass,
    DicomSays,
    Frame,
    ListedPrediction,
    Prediction,
    PredictionLinks,
    Remark,
)
from app.api.verdicts.presentation import all_verdicts
from app.auth.tables import User
from app.patients.selectors import lesions_of, patients_of
from app.patients.tables import Lesion, Patient
from app.results.presentation import Presentation, card_of, labels_of, present
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed

HEATMAP, SIMILAR, SCORES = "heatmap", "similar", "scores"  # what `include` may name


@dataclass(frozen=True, slots=True)
class Keeping:
    """The public ids of the patients and lesions that some tests are kept with, by their rows' ids."""

    patients: Mapping[int, str]
    lesions: Mapping[int, str]

    @classmethod
    def of(cls, session: Session, user: User, analyses: Sequence[Analysis]) -> Keeping:
        """Look them up, in two queries."""
        patients = patients_of(user).where(Patient.id.in_({analysis.patient_id for analysis in analyses}))
        lesions = lesions_of(user).where(Lesion.id.in_({analysis.lesion_id for analysis in analyses}))
        return cls(_ids(session, patients, Patient), _ids(session, lesions, Lesion))


def listed(session: Session, user: User, analyses: Sequence[Analysis]) -> list[ListedPrediction]:
    """Return tests as the list answers them."""
    kept = Keeping.of(session, user, analyses)
    return [ListedPrediction(**_common(user, analysis, kept)) for analysis in analyses]


def shown(
    session: Session, user: User, analysis: Analysis, included: frozenset[str], dicom: DicomSays | None = None
) -> Prediction:
    """Return a test with all that is known of it, as far as the person may see it now.

    `dicom` is what the file says that it was just made of.
    """
    hidden = concealed(user, analysis)
    answered = analysis.accepted and not hidden
    page = present(analysis, card_of(analysis), current_app.config["SETTINGS"].prevalence)
    return Prediction(
        **_common(user, analysis, Keeping.of(session, user, [analysis])),
        **_photograph(analysis),
        label_name=page.answer.name if answered else None,
        malignant=page.answer.malignant if answered else None,
        summary=None if hidden else page.certainty,
        cautions=_cautions(analysis, page),
        remarks=None if hidden else list(_remarks(page)),
        probabilities_with_patient=analysis.probabilities_with_patient if answered else None,
        views=None if hidden else analysis.views,
        views_changed=analysis.views_changed if answered else None,
        classes=[
            DiagnosticClass(code=label.code, name=label.name, malignant=label.malignant)
            for label in labels_of(analysis)
        ],
        outline=outline_of(session, analysis),
        verdicts=[verdict for verdict in all_verdicts(session, analysis) if verdict.in_force],
        similar=similar_to(analysis) if answered and SIMILAR in included else None,
        heatmap=analysis.heatmap if not hidden and HEATMAP in included else None,
        scores=analysis.probabilities if not analysis.accepted and SCORES in included else None,
        dicom=dicom,
    )


def _ids(session: Session, selected: Select[Any], table: Any) -> dict[int, str]:
    return dict(list(session.execute(selected.with_only_columns(table.id, table.public_id))))


def _common(user: User, analysis: Analysis, kept: Keeping) -> dict[str, Any]:
    hidden = concealed(user, analysis)
    answered, threshold = analysis.accepted and not hidden, analysis.threshold
    patient = kept.patients.get(analysis.patient_id or 0)
    lesion = kept.lesions.get(analysis.lesion_id or 0)
    return {
        "id": analysis.public_id,
        "created_at": analysis.created_at,
        "model": analysis.model_name,
        "version": analysis.model_version,
        "accepted": analysis.accepted,
        "concealed": hidden,
        "reasons": analysis.reasons,
        "label": analysis.label if answered else None,
        "probabilities": analysis.probabilities if answered else None,
        "malignancy": analysis.malignancy if answered else None,
        "threshold": threshold,
        "alert": analysis.malignancy >= threshold if answered and threshold is not None else None,
        "patient": patient,
        "patient_name": analysis.patient_name,
        "lesion": lesion,
        "age": analysis.age,
        "sex": analysis.sex,
        "body_site": analysis.body_site,
        "assessment": analysis.assessment,
        "diagnosis": analysis.diagnosis,
        "retake": analysis.retake,
        "links": _links(analysis.public_id, patient, lesion, hidden=hidden),
    }


def _links(public_id: str, patient: str | None, lesion: str | None, *, hidden: bool) -> PredictionLinks:
    here = url_for("api_predictions.show", public_id=public_id)
    root = here.removesuffix(f"/predictions/{public_id}")
    return PredictionLinks(
        self=here,
        image=f"{here}/image",
        thumbnail=f"{here}/thumbnail.jpg",
        heatmap=None if hidden else f"{here}/heatmap.png",
        report=None if hidden else f"{here}/report.pdf",
        verdicts=f"{here}/verdicts",
        patient=None if patient is None else f"{root}/patients/{patient}",
        lesion=None if lesion is None else f"{root}/lesions/{lesion}",
        page=url_for("results.show", public_id=public_id),
    )


def _photograph(analysis: Analysis) -> dict[str, Any]:
    return {
        "note": analysis.note,
        "width": analysis.width,
        "height": analysis.height,
        "sha256": analysis.photograph_sha256,
        "frame": Frame(left=analysis.frame_left, top=analysis.frame_top, side=analysis.frame_side),
        "milliseconds": analysis.milliseconds,
    }


def _cautions(analysis: Analysis, page: Presentation) -> list[Caution]:
    worded = zip(analysis.reasons, page.cautions, strict=True)
    return [Caution(code=code, problem=words.problem, remedy=words.remedy) for code, words in worded]


def _remarks(page: Presentation) -> Iterator[Remark]:
    """Yield what the result page says of how far the answer goes, with its alarms first."""
    if page.alarm:
        yield Remark(text=page.alarm, caution=True)
    if page.overlooked:
        yield Remark(text=page.overlooked, caution=True)
    if page.stability is not None:
        yield Remark(text=page.stability.text, caution=page.stability.caution)
    if page.ground is not None:
        yield from (Remark(text=remark.text, caution=remark.caution) for remark in page.ground.lesions)
        yield Remark(text=page.ground.never, caution=False)
    for change in () if page.second is None else page.second.changes:
        yield Remark(text=change, caution=False)
