"""The clinician's record: patients, their lesions, and which test is kept with whom."""

from __future__ import annotations

from flask import Flask

from app.patients import views
from app.patients.fanning import fanned
from app.patients.filing import views as filing
from app.patients.filing.kept_with import kept_with
from app.patients.lesions import views as lesions


def init_app(app: Flask) -> None:
    """Register the pages, and the filters for whom a test is kept with and for where a body map draws its marks."""
    app.add_template_filter(kept_with, "kept_with")
    app.add_template_filter(fanned, "fanned")
    for part in (views, lesions, filing):
        app.register_blueprint(part.blueprint)
