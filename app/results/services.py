"""What can be done with analyses: record one, remove one or all of a patient. The caller commits."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.erasures.services import Listed, erases_again, write_down
from app.erasures.tables import TEST
from app.errors import StorageUnavailableError
from app.inference import Frame, Prediction
from app.public_ids import new_public_id
from app.results.jobs import erase_files
from app.results.names import written_down
from app.results.outlines.jobs import measure
from app.results.records import KeptPhotograph, PatientDetails
from app.results.retakes import settle
from app.results.tables import Analysis
from app.storage import Storage


def record(
    session: Session,
    storage: Storage,
    *,
    author: User,
    details: PatientDetails,
    photograph: KeptPhotograph,
    frame: Frame,
    prediction: Prediction,
    submission: str | None = None,
    milliseconds: int | None = None,
) -> Analysis:
    """Keep a photograph and what was answered about it, and flush the row; the lesion is measured after the commit.

    `milliseconds` is how long the answer took. Whatever fails, no file stays behind; should the caller's commit fail,
    the sweeper removes them.
    """
    analysis = _row(author, details, photograph, frame, prediction)
    analysis.patient_key = written_down(session, author.clinic_id, details.patient_name)
    analysis.submission, analysis.milliseconds = submission, milliseconds
    try:
        storage.put_all({analysis.photograph_key: photograph.png, analysis.thumbnail_key: photograph.thumbnail})
        session.add(analysis)
        session.flush()
    except BaseException:
        with suppress(StorageUnavailableError):  # then the sweeper removes them
            storage.delete_all(analysis.storage_keys)
        raise
    measure.send_after_commit(session, analysis.public_id)
    return analysis


def remove(session: Session, analysis: Analysis) -> None:
    """Delete an analysis; its files are erased by a job once the caller has committed."""
    write_down(session, TEST, [analysis.public_id])
    session.delete(analysis)
    session.flush()
    settle(session, analysis.patient_id)
    erase_files.send_after_commit(session, analysis.public_id)


def remove_all_of(session: Session, *, patient_id: int) -> int:
    """Delete the analyses that are kept with a patient, in the same way, and return how many there were."""
    of_patient = Analysis.patient_id == patient_id
    public_ids = session.scalars(select(Analysis.public_id).where(of_patient)).all()
    write_down(session, TEST, public_ids)
    session.execute(delete(Analysis).where(of_patient))
    for public_id in public_ids:
        erase_files.send_after_commit(session, public_id)
    return len(public_ids)


@erases_again(TEST)
def remove_again(session: Session, public_id: str, _listed: Listed) -> bool:
    """Delete an analysis that a backup has brought back, and files that have come without it."""
    analysis = session.scalar(select(Analysis).where(Analysis.public_id == public_id))
    if analysis is not None:
        remove(session, analysis)
    else:
        erase_files.send_after_commit(session, public_id)
    return analysis is not None


def _row(
    author: User, details: PatientDetails, photograph: KeptPhotograph, frame: Frame, prediction: Prediction
) -> Analysis:
    return Analysis(
        public_id=new_public_id(),
        clinic_id=author.clinic_id,
        author_id=author.id,
        patient_name=details.patient_name,
        age=details.age,
        sex=details.sex,
        body_site=details.body_site,
        note=details.note,
        model_name=prediction.model,
        model_version=prediction.version,
        label=prediction.label,
        probabilities=dict(prediction.probabilities),
        probabilities_with_patient=None if prediction.with_patient is None else dict(prediction.with_patient),
        malignancy=prediction.malignancy,
        accepted=prediction.accepted,
        threshold=prediction.threshold,
        reasons=list(prediction.reasons),
        heatmap=[list(row) for row in prediction.heatmap],
        views=prediction.views,
        views_changed=prediction.views_changed,
        similar=[asdict(case) for case in prediction.similar],
        photograph_sha256=hashlib.sha256(photograph.png).hexdigest(),
        width=photograph.width,
        height=photograph.height,
        frame_left=frame.left,
        frame_top=frame.top,
        frame_side=frame.side,
    )
