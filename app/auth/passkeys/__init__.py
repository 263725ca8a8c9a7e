"""Passkeys (WebAuthn): a fingerprint, a face or a PIN at the person's own device, in place of password and code."""

from __future__ import annotations

from flask import Flask

from app.auth.passkeys import proofs
from app.auth.passkeys.own.views import blueprint as own
from app.auth.passkeys.relying_party import relying_party
from app.auth.passkeys.views import blueprint as sign_in

__all__ = ["init_app", "proofs"]


def init_app(app: Flask) -> None:
    """Register the pages, and tell all pages whether there can be passkeys."""
    app.context_processor(lambda: {"passkeys_possible": lambda: relying_party() is not None})
    app.register_blueprint(sign_in)
    app.register_blueprint(own)
