"""What those who run the site ask it: whether the process is alive, and whether it can work."""

from __future__ import annotations

from flask import Flask

from app.operations.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
