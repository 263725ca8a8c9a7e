"""On which side of the body a lesion lies, as far as its place on the body map tells."""

from __future__ import annotations

from app.patients.tables import Lesion

MIDLINE = (0.46, 0.54)  # fractions of a figure's width: a mark between them has no side


def is_left(lesion: Lesion) -> bool | None:
    """Tell whether a lesion lies on the patient's left; None at the midline, or without a place on the map.

    Who is seen from the front has the right hand on the viewer's left.
    """
    if lesion.x is None or lesion.side is None or MIDLINE[0] <= lesion.x <= MIDLINE[1]:
        return None
    return (lesion.x > MIDLINE[1]) == (lesion.side == "front")
