"""The second step of signing in: authenticator apps, recovery codes, and where a second factor is required."""

from __future__ import annotations

from flask import Flask
from flask_login import current_user

from app.auth.two_factor import enforcement, proofs
from app.auth.two_factor.own.views import blueprint as own
from app.auth.two_factor.selectors import Factors, factors_of
from app.auth.two_factor.views import blueprint as second_step
from app.extensions import db

__all__ = ["init_app", "proofs"]


def own_factors() -> Factors:
    """Return the second factors of whoever is signed in, for any template."""
    return factors_of(db.session(), current_user)


def init_app(app: Flask) -> None:
    """Register the pages, and stand before all others where a second factor is required."""
    enforcement.init_app(app)
    app.add_template_global(own_factors)
    app.register_blueprint(second_step)
    app.register_blueprint(own)
