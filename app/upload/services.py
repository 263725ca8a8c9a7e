"""What becomes of an upload: it is classified, and only then recorded. The caller commits."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import ClassifierUnavailableError
from app.inference import Frame, Patient, Prediction, classify
from app.jobs.outbox import after_commit
from app.metrics import UPLOADS
from app.patients.filing.services import Destination, keep
from app.results.records import KeptPhotograph, PatientDetails
from app.results.selectors import analyses_of
from app.results.services import record
from app.results.tables import Analysis
from app.storage import Storage
from app.upload.framing import Fractions, framed
from app.upload.inspection import SafeImage


@dataclass(frozen=True, slots=True)
class Answered:
    """A photograph as it is to be kept, the square that was looked at, what was answered, and in which time."""

    photograph: KeptPhotograph
    frame: Frame
    prediction: Prediction
    milliseconds: int | None


def answer(
    photograph: SafeImage, *, details: PatientDetails, model: str, fractions: Fractions | None = None
) -> Answered:
    """Classify a photograph; RefusedUploadError, ClassifierUnavailableError. No database is asked."""
    image = photograph.image
    frame = framed(image.width, image.height, fractions)
    started = time.perf_counter()
    try:
        prediction = classify(image, frame, model, Patient(details.age, details.sex, details.body_site))
    except ClassifierUnavailableError as error:
        UPLOADS.labels("failed", error.kind).inc()
        raise
    milliseconds = round((time.perf_counter() - started) * 1000)
    kept = KeptPhotograph(photograph.png, photograph.thumbnail(frame), image.width, image.height)
    return Answered(kept, frame, prediction, milliseconds)


def submit(
    session: Session,
    storage: Storage,
    *,
    author: User,
    photograph: SafeImage,
    details: PatientDetails,
    model: str,
    fractions: Fractions | None = None,
    token: str = "",
    destination: Destination | None = None,
    answered: Answered | None = None,
    nobody: bool = False,
) -> Analysis:
    """Classify a photograph, then keep it with the answer; the same form sent again gives the same analysis.

    Without `destination` the name tells with which patient; with `nobody` the test waits until somebody chooses.
    `token` is what the form came with. `answered` is what `answer` has given for the same photograph already.
    RefusedUploadError, ClassifierUnavailableError: nothing is kept.
    """
    said = details if destination is None else replace(details, patient_name="")  # a chosen patient may be renamed
    answers = said, model, fractions, destination and destination.key
    submission = _digest(token, photograph, *answers) if token else None
    if submission and (earlier := _recorded(session, author, submission)):
        return earlier
    answered = answered or answer(photograph, details=details, model=model, fractions=fractions)
    analysis = record(
        session,
        storage,
        author=author,
        details=details,
        photograph=answered.photograph,
        frame=answered.frame,
        prediction=answered.prediction,
        submission=submission,
        milliseconds=answered.milliseconds,
    )
    after_commit(session, UPLOADS.labels("accepted", "").inc)
    if not nobody:
        keep(session, analysis, author=author, destination=destination)
    return analysis


def _recorded(session: Session, author: User, submission: str) -> Analysis | None:
    return session.scalar(analyses_of(author).where(Analysis.author_id == author.id, Analysis.submission == submission))


def _digest(token: str, photograph: SafeImage, *answers: object) -> str:
    """Identify a form by its token and all that was in it: a form that was changed is another one."""
    digest = hashlib.sha256(photograph.png)
    digest.update(repr((token, *answers)).encode())
    return digest.hexdigest()
