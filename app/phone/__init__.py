"""Lentigo on a phone: installable, with a shell that opens without network, and photographs that wait for it."""

from __future__ import annotations

from flask import Flask

from app.phone.person import person
from app.phone.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages, and whom a page tells its scripts that it is shown to."""
    app.add_template_global(person, "device_person")
    app.register_blueprint(blueprint)
