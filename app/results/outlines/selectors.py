"""Queries for outlines and scales: of analyses that somebody has been let see already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.results.outlines.records import Measured
from app.results.outlines.scales import px_per_mm
from app.results.outlines.tables import LesionOutline, OutlineAttempt, Scale
from app.results.tables import Analysis


def measured(session: Session, analysis: Analysis) -> Measured:
    """Return what is known of the size and shape of the lesion in one photograph."""
    return measured_all(session, [analysis])[analysis.id]


def measured_all(session: Session, analyses: Sequence[Analysis]) -> Mapping[int, Measured]:
    """Return what is known of each of some photographs, by the id of the analysis, in two queries."""
    ids = [analysis.id for analysis in analyses]
    outlines = session.scalars(select(LesionOutline).where(LesionOutline.analysis_id.in_(ids)))
    by_id = {outline.analysis_id: outline for outline in outlines}
    newest = select(func.max(Scale.id)).where(Scale.analysis_id.in_(ids)).group_by(Scale.analysis_id)
    drawn = session.scalars(select(Scale).where(Scale.id.in_(newest), Scale.millimetres.is_not(None)))
    scales = {scale.analysis_id: scale for scale in drawn}
    return {
        analysis.id: Measured(by_id.get(analysis.id), scale := scales.get(analysis.id), px_per_mm(analysis, scale))
        for analysis in analyses
    }


def is_measured(session: Session, analysis: Analysis, version: str) -> bool:
    """Tell whether a photograph has an outline by a version of the network."""
    of_analysis = select(LesionOutline.version).where(LesionOutline.analysis_id == analysis.id)
    return session.scalar(of_analysis) == version


def unmeasured(session: Session, version: str, limit: int) -> Sequence[str]:
    """Return the public ids of the newest analyses, at most so many, without an outline by a version of the network.

    Those with which an attempt has failed wait until the next one is due.

    Where none is missing, which is nearly always, two counts from indexes tell it: a search of a million takes long.
    """
    by_version = select(func.count()).select_from(LesionOutline).where(LesionOutline.version == version)
    if session.scalar(by_version) == session.scalar(select(func.count()).select_from(Analysis)):
        return ()
    outlined = select(LesionOutline.analysis_id).where(
        LesionOutline.analysis_id == Analysis.id, LesionOutline.version == version
    )
    put_off = select(OutlineAttempt.analysis_id).where(
        OutlineAttempt.analysis_id == Analysis.id, OutlineAttempt.version == version, OutlineAttempt.next_at > now()
    )
    without = select(Analysis.public_id).where(~outlined.exists(), ~put_off.exists())
    return session.scalars(without.order_by(Analysis.id.desc()).limit(limit)).all()
