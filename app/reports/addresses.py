"""The address at which anybody can verify a report."""

from __future__ import annotations

from flask import current_app, url_for


def verification_address(code: str) -> str:
    """Return the full address for a code: below that of the settings, else below the one of this request."""
    public: str | None = current_app.config["SETTINGS"].public_address
    if public is None:
        return url_for("verification.show", code=code, _external=True)
    return public.rstrip("/") + url_for("verification.show", code=code)
