"""What photographs of a lesion are compared by: their measures, and the colour of the skin around the lesion."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.patients.lesions.change import Taken
from app.patients.lesions.light import skin_colour
from app.results.outlines.selectors import measured_all
from app.results.tables import Analysis
from app.storage import Storage


def taken(session: Session, storage: Storage, analyses: Sequence[Analysis]) -> tuple[Taken, ...]:
    """Return each photograph with what was measured of it, in two queries."""
    known = measured_all(session, analyses)
    return tuple(
        Taken(analysis, measured := known[analysis.id], skin_colour(storage, analysis, measured))
        for analysis in analyses
    )
