"""The overview: home after sign-in, and the dashboard."""

from __future__ import annotations

from flask import Flask

from app.dashboard import tallying  # noqa: F401 - the tables come with their triggers
from app.dashboard.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
