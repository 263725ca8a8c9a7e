"""Queries for what was said of photographs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.interop.dicom.records import Nature
from app.interop.dicom.tables import ArchivePhotograph
from app.results.tables import Analysis


def nature_of(session: Session, analysis: Analysis) -> Nature | None:
    """Return what was said of an analysis's photograph; None if nothing was."""
    row = session.scalar(select(ArchivePhotograph).where(ArchivePhotograph.analysis_id == analysis.id))
    return None if row is None else Nature(dermoscopic=row.dermoscopic, anonymous=row.anonymous)
