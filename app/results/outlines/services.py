"""What can be done with outlines and scales: measure a photograph, draw a scale, take it away. The caller commits."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.inference import Frame, Outline, outline
from app.results.outlines.scales import Point, length_px
from app.results.outlines.tables import LesionOutline, Scale
from app.results.outlines.wording import UNREADABLE
from app.results.tables import Analysis
from app.storage import Storage

SHORTEST_PX = 20.0  # of the kept photograph: a shorter line is off by more than a tenth where its ends are by one pixel
LEAST_MM, MOST_MM = 0.1, 200.0
DRAWN = ("start_x", "start_y", "end_x", "end_y", "millimetres")  # columns of a scale
DAMAGED = (OSError, SyntaxError, ValueError)  # what Pillow raises


class ScaleError(AppError):
    """A scale that can't be meant; the message says why, in one sentence."""

    status = 422
    title = "This scale can't be used"


def measure(session: Session, storage: Storage, analysis: Analysis, *, version: str) -> LesionOutline:
    """Outline and measure the lesion in the kept photograph, in place of what was measured before, and flush the row.

    A photograph that can't be read is recorded as refused by `version`. ClassifierUnavailableError if there is no
    network to ask.
    """
    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    try:
        with Image.open(io.BytesIO(storage.get(analysis.photograph_key)), formats=("PNG",)) as file:
            photograph = file.convert("RGB")
    except DAMAGED:
        found = Outline(version, 0.0, refused=UNREADABLE)
    else:
        found = outline(photograph, frame)
    row = session.merge(_row(analysis, found))
    session.flush()
    return row


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
