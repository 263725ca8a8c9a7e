"""The FHIR bundle of a test as a file."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.interop.fhir.bundle import bundle_of
from app.interop.fhir.destination import written
from app.results.selectors import analysis_of
from app.security import downloads
from app.storage import current_storage

blueprint = Blueprint("fhir", __name__)

JSON = "application/fhir+json"


@blueprint.get("/results/<public_id>/fhir.json")
def download(public_id: str) -> ResponseReturnValue:
    """Answer what another system can read of a test; the file's name tells nothing of the patient."""
    user: User = current_user._get_current_object()
    analysis = analysis_of(db.session(), user, public_id)
    settings = current_app.config["SETTINGS"]
    bundle = bundle_of(db.session(), current_storage(), user=user, analysis=analysis, settings=settings)
    name = f"{analysis.created_at:%Y-%m-%d}-{analysis.public_id[:8]}.fhir.json"
    return downloads.download(written(bundle), JSON, name)
