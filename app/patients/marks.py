"""Lesions as the body map shows them."""

from __future__ import annotations

from flask import url_for

from app.patients.records import MarkedLesion
from app.patients.tables import Lesion


def marked(lesion: Lesion) -> MarkedLesion:
    """Return a lesion with its place, and the address of its page."""
    return MarkedLesion(
        public_id=lesion.public_id,
        label=lesion.label,
        site=lesion.site,
        side=lesion.side,
        x=lesion.x,
        y=lesion.y,
        url=url_for("lesions.show", public_id=lesion.public_id),
    )
