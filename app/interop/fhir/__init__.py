"""FHIR R4: a test as a bundle of resources, to take along or to send to a configured server."""

from __future__ import annotations

from flask import Flask

from app.interop.deliveries.destinations import register
from app.interop.fhir import views
from app.interop.fhir.destination import configured


def init_app(app: Flask) -> None:
    """Register the page, and the server if an administrator has set one."""
    app.register_blueprint(views.blueprint)
    server = configured(app.config["SETTINGS"])
    if server is not None:
        register(app, server)
