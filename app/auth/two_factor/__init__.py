"""The second step of signing in: authenticator apps, recovery codes, and where a second factor is required."""

from __future__ import annotations

from flask import Flask

from app.auth.two_factor import enforcement, proofs
from app.auth.two_factor.own.views import blueprint as own
from app.auth.two_factor.views import blueprint as second_step

__all__ = ["init_app", "proofs"]


def init_app(app: Flask) -> None:
    """Register the pages, and stand before all others where a second factor is required."""
    enforcement.init_app(app)
    app.register_blueprint(second_step)
    app.register_blueprint(own)
