"""The page that describes the API, written from its OpenAPI document; it needs no script."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.api.openapi import description_of
from app.security.gate import open_to_everyone

blueprint = Blueprint("api_docs", __name__)


@blueprint.get("/api/docs")
@open_to_everyone
def show() -> ResponseReturnValue:
    """Describe every operation, with what it takes and answers."""
    return render_template("api/docs.html", document=description_of(current_app._get_current_object()))  # type: ignore[attr-defined]  # a proxy has it
