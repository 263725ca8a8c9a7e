"""Classifiers: what each is, how it was trained and measured, and what it must not be used for."""

from __future__ import annotations

from flask import Flask

from app.classifiers.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
