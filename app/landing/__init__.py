"""The landing page."""

from __future__ import annotations

from flask import Flask

from app.landing.views import blueprint


def init_app(app: Flask) -> None:
    """Register the blueprint."""
    app.register_blueprint(blueprint)
