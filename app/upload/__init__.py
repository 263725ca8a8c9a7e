"""Intake: a photograph is judged, classified and recorded."""

from __future__ import annotations

from flask import Flask

from app.upload import new_tests
from app.upload.dicom import jobs as jobs
from app.upload.views import blueprint


def init_app(app: Flask) -> None:
    """Register the form of a new test, and what is asked of one that was just made."""
    app.register_blueprint(blueprint)
    new_tests.init_app(app)
