"""The clinician's record: patients, their lesions, and which test is kept with whom."""

from __future__ import annotations

from flask import Flask

from app.patients import forgetting as forgetting  # the tables come with their triggers
from app.patients import subjects as subjects  # the audit log asks whose a test is
from app.patients import views
from app.patients.consents import views as consents
from app.patients.consents.selectors import consents_in_force
from app.patients.consents.tables import MEANINGS, USES, WAYS
from app.patients.fanning import fanned
from app.patients.filing import views as filing
from app.patients.filing.kept_with import kept_with
from app.patients.follow_ups import views as follow_ups
from app.patients.follow_ups.following import following, met_by, time_left
from app.patients.lesions import views as lesions
from app.patients.lesions.neighbours import neighbours


def init_app(app: Flask) -> None:
    """Register the pages, and filters: whom a test is kept with, what is beside it, what is planned, marks on maps."""
    for shown in (kept_with, neighbours, fanned, following, met_by, time_left, consents_in_force):
        app.add_template_filter(shown)
    app.jinja_env.globals.update(CONSENT_USES=USES, CONSENT_WAYS=WAYS, CONSENT_MEANINGS=MEANINGS)
    for part in (views, lesions, follow_ups, filing, consents):
        app.register_blueprint(part.blueprint)
