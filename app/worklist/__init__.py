"""The worklist: what waits for the clinician."""

from __future__ import annotations

from flask import Flask

from app.worklist.views import blueprint, waiting_in_words


def init_app(app: Flask) -> None:
    """Register the pages, and what the navigation says of how much waits."""
    app.add_template_global(waiting_in_words)
    app.register_blueprint(blueprint)
