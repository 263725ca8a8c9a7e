"""What can be said of a photograph, for archives. The caller commits."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.interop.dicom.records import Nature
from app.interop.dicom.tables import ArchivePhotograph
from app.results.tables import Analysis


def say(session: Session, analysis: Analysis, nature: Nature) -> None:
    """Write down what a clinician says of a photograph, in place of what was said before."""
    # nobody else says something of it before this transaction ends: there is one row, or none
    turn = update(Analysis).where(Analysis.id == analysis.id).values(retake=Analysis.retake)
    session.execute(turn.execution_options(synchronize_session=False))
    said = {"dermoscopic": nature.dermoscopic, "anonymous": nature.anonymous}
    session.merge(ArchivePhotograph(analysis_id=analysis.id, **said))
    session.flush()
