"""What can be done with outlines and scales: measure a photograph, draw a scale, take it away. The caller commits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta

from PIL import Image
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.inference import Frame, Outline, outline
from app.results.outlines.scales import Point, length_px
from app.results.outlines.tables import LesionOutline, OutlineAttempt, Scale
from app.results.outlines.wording import STOPPED, UNREADABLE
from app.results.tables import Analysis
from app.storage import Storage

SHORTEST_PX = 20.0  # of the kept photograph: a shorter line is off by more than a tenth where its ends are by one pixel
LEAST_MM, MOST_MM = 0.1, 200.0
PAUSES = (timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=7))  # after each further attempt
DRAWN = ("start_x", "start_y", "end_x", "end_y", "millimetres")  # columns of a scale
DAMAGED = (OSError, SyntaxError, ValueError)  # what Pillow raises


class ScaleError(AppError):
    """A scale that can't be meant; the message says why, in one sentence."""

    status = 422
    title = "This scale can't be used"


def measure(session: Session, storage: Storage, analysis: Analysis, *, version: str) -> LesionOutline:
    """Outline and measure the lesion in the kept photograph, in place of what was measured before, and flush the row.

    A photograph that is not there, or no picture, is recorded as refused by `version`. ClassifierUnavailableError if
    there is no network to ask; whatever storage raises that can't be reached.
    """
    try:
        kept = storage.get(analysis.photograph_key)
    except FileNotFoundError:
        found = Outline(version, 0.0, refused=UNREADABLE)
    else:
        found = _outlined(kept, Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side), version)
    row = session.merge(_row(analysis, found))
    session.flush()
    return row


def begin_again(session: Session, analysis: Analysis, *, version: str) -> bool:
    """Write down another attempt before it is made, and tell whether to make it; the caller commits.

    Not while another one may be under way, nor after the last: then the photograph is recorded as refused.
    """
    row = session.get(OutlineAttempt, analysis.id)
    tried = row.attempts if row is not None and row.version == version else 0
    if tried and row is not None and row.next_at > now():
        return False
    if tried >= len(PAUSES):
        session.merge(_row(analysis, Outline(version, 0.0, refused=STOPPED)))
        forget_attempts(session, analysis)
        return False
    begun = {"version": version, "attempts": tried + 1, "next_at": now() + PAUSES[tried]}
    session.merge(OutlineAttempt(analysis_id=analysis.id, **begun))
    session.flush()
    return True


def forget_attempts(session: Session, analysis: Analysis) -> None:
    """Forget the attempts at an outline that has come, or will not."""
    session.execute(delete(OutlineAttempt).where(OutlineAttempt.analysis_id == analysis.id))


def draw_scale(
    session: Session, analysis: Analysis, *, author: User, start: Point, end: Point, millimetres: float
) -> Scale:
    """Keep a line of known length, which counts from now on, and flush it; ScaleError if it can't be meant.

    The points are fractions of the photograph's width and height.
    """
    if not all(0 <= value <= 1 for value in (*start, *end)):
        raise ScaleError("The line does not lie inside the photograph; please draw it again.")
    if not LEAST_MM <= millimetres <= MOST_MM:
        raise ScaleError(f"The length must be between {LEAST_MM:g} and {MOST_MM:g} mm.")
    if length_px(analysis, start, end) < SHORTEST_PX:
        raise ScaleError("The line is too short to measure by; please draw a longer one.")
    return _keep(session, analysis, author, (*start, *end, millimetres))


def remove_scale(session: Session, analysis: Analysis, *, author: User) -> Scale:
    """Let no scale count from now on, and flush that."""
    return _keep(session, analysis, author, (None,) * 5)


def _outlined(kept: bytes, frame: Frame, version: str) -> Outline:
    try:
        with Image.open(io.BytesIO(kept), formats=("PNG",)) as file:
            photograph = file.convert("RGB")
    except DAMAGED:
        return Outline(version, 0.0, refused=UNREADABLE)
    return outline(photograph, frame)


def _keep(session: Session, analysis: Analysis, author: User, drawn: Sequence[float | None]) -> Scale:
    scale = Scale(
        analysis_id=analysis.id, author_id=author.id, author_name=author.name, **dict(zip(DRAWN, drawn, strict=True))
    )
    session.add(scale)
    session.flush()
    return scale


def _row(analysis: Analysis, found: Outline) -> LesionOutline:
    measures = found.measures
    return LesionOutline(
        analysis_id=analysis.id,
        version=found.version,
        confidence=found.confidence,
        polygon=[list(point) for point in found.polygon],
        refused=found.refused,
        area=measures and measures.area,
        diameter=measures and measures.diameter,
        asymmetry=measures and measures.asymmetry,
        irregularity=measures and measures.irregularity,
        notching=measures and measures.notching,
        colour_spread=measures and measures.colour_spread,
        colours=list(measures.colours) if measures else None,
        hair=measures and measures.hair,
        measured_at=now(),
    )
