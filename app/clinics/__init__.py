"""Clinics: who is a member, in which role, and what the clinic is called."""

from __future__ import annotations

from flask import Flask

from app.clinics.invitations.views import blueprint as invitations
from app.clinics.views import blueprint
from app.security.roles import ROLES


def init_app(app: Flask) -> None:
    """Register the pages of the clinic."""
    app.jinja_env.globals["ROLES"] = ROLES
    for part in (blueprint, invitations):
        app.register_blueprint(part)
