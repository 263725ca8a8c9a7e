"""Accounts: register, sign in, prove it again, sign out."""

from __future__ import annotations

from flask import Flask

from app.auth import guards as guards  # its trigger is made with the tables
from app.auth import jobs, letters, passkeys, passwords, presence, proof, two_factor
from app.auth.account.views import blueprint as account
from app.auth.password_rules import ADVICE
from app.auth.reset.views import blueprint as reset
from app.auth.views import blueprint

__all__ = ["init_app", "jobs", "letters"]


def init_app(app: Flask) -> None:
    """Register the pages, the passwords of the application, and what is done before its pages."""
    app.jinja_env.globals["password_advice"] = ADVICE
    passwords.init_app(app)
    presence.init_app(app)
    proof.init_app(app)
    two_factor.init_app(app)
    passkeys.init_app(app)
    for part in (blueprint, account, reset):
        app.register_blueprint(part)
