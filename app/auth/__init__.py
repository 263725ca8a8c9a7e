"""Accounts: register, sign in, sign out."""

from __future__ import annotations

from flask import Flask

from app.auth import passwords
from app.auth.views import blueprint


def init_app(app: Flask) -> None:
    """Register the pages and the passwords of the application."""
    passwords.init_app(app)
    app.register_blueprint(blueprint)
