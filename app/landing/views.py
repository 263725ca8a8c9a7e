"""The landing page, for everybody, and the home page after sign-in."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.extensions import db
from app.inference import current_classifiers
from app.landing.measured import measured
from app.results.selectors import counts_of, recent_of
from app.security.gate import open_to_everyone

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
@open_to_everyone
def welcome() -> ResponseReturnValue:
    """Say what Lentigo does, for whom, how it is measured, and what it must not be used for."""
    default = current_app.config["SETTINGS"].default_model
    return render_template("landing/welcome.html", measured=measured(current_classifiers().cards(), default))


@blueprint.get("/index")
def home() -> ResponseReturnValue:
    """Start a new test, or go on with one of the newest."""
    user, session = current_user._get_current_object(), db.session()
    return render_template("landing/home.html", recent=recent_of(session, user), counts=counts_of(session, user))
