"""What other systems can read: codes, files to take along, and what is sent to them."""

from __future__ import annotations

from flask import Flask

from app.interop import deliveries, dicom, fhir


def init_app(app: Flask) -> None:
    """Register the pages, then each system that is configured."""
    for part in (deliveries, dicom, fhir):
        part.init_app(app)
