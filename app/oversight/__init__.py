"""The pages on which the audit log is read: the clinic's, for auditors and administrators, and everybody's own part."""

from __future__ import annotations

from flask import Flask

from app.oversight.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)
