"""What those who run the site ask it: whether the process is alive, whether it can work, and what it has counted."""

from __future__ import annotations

from flask import Flask

from app.operations import states
from app.operations.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages, and say what is asked for when the numbers are."""
    states.name_all()
    app.register_blueprint(blueprint)
