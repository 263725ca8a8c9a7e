"""What the page of a test says of its DICOM files."""

from __future__ import annotations

from app.extensions import db
from app.interop.dicom.records import Nature
from app.interop.dicom.selectors import nature_of
from app.results.tables import Analysis


def archive_nature(analysis: Analysis) -> Nature:
    """Return what was said of a photograph, for any template; the least where nothing was."""
    return nature_of(db.session(), analysis) or Nature()
