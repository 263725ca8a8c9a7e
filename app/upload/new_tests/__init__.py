"""A test that was just made: saved, or closed without saving while nothing has been added to it."""

from __future__ import annotations

from flask import Flask

from app.upload.new_tests.held import hold_tests
from app.upload.new_tests.marked import just_made
from app.upload.new_tests.views import blueprint

__all__ = ["hold_tests", "init_app"]


def init_app(app: Flask) -> None:
    """Register the two answers, and the filter that tells whether the page of a test is to ask."""
    app.add_template_filter(just_made)
    app.register_blueprint(blueprint)
