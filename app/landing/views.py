"""The landing page, for everybody."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.inference import current_classifiers
from app.landing.measured import measured
from app.security.gate import open_to_everyone

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
@open_to_everyone
def welcome() -> ResponseReturnValue:
    """Say what Lentigo does, for whom, how it is measured, and what it must not be used for."""
    default = current_app.config["SETTINGS"].default_model
    return render_template("landing/welcome.html", measured=measured(current_classifiers().cards(), default))
