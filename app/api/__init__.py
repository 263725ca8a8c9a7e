"""The REST interface: resources, access tokens, their description. See docs/api.md."""

from __future__ import annotations

from flask import Flask

from app.api import addresses, callers, documentation
from app.api.access.views import blueprint as access
from app.api.batches.results import blueprint as batch_results
from app.api.batches.views import blueprint as batches
from app.api.exchange.views import blueprint as exchange
from app.api.health.views import blueprint as health
from app.api.lesions.views import blueprint as lesions
from app.api.models.views import blueprint as models
from app.api.operation import require_documented
from app.api.patients.views import blueprint as patients
from app.api.predictions.files import blueprint as prediction_files
from app.api.predictions.views import blueprint as predictions
from app.api.rights.views import blueprint as rights
from app.api.tokens.views import blueprint as tokens
from app.api.verdicts.views import blueprint as verdicts
from app.extensions import csrf

RESOURCES = (
    health,
    predictions,
    prediction_files,
    verdicts,
    exchange,
    patients,
    rights,
    lesions,
    batches,
    batch_results,
    models,
    access,
)


def init_app(app: Flask) -> None:
    """Register the resources; a token proves who asks, so that no form has to."""
    app.url_map.converters[addresses.NAME] = addresses.PublicIdConverter
    callers.init_app(app)
    app.after_request(require_documented)
    for blueprint in RESOURCES:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    for blueprint in (tokens, documentation.blueprint):
        app.register_blueprint(blueprint)
