"""Whether a photograph can be answered now, and the description of the API: open to everyone."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from app.api.openapi import current_description
from app.api.operation import JSON, operation
from app.api.schemas import Answer
from app.operations.checks import CHECKS

blueprint = Blueprint("api_health", __name__, url_prefix="/api/v1")


class Health(Answer):
    """What is needed to answer a photograph, and whether it is there."""

    status: Literal["ok", "failed"]
    checks: dict[str, Literal["ok", "failed"]] = Field(examples=[{"database": "ok", "classifier": "ok"}])


@blueprint.get("/health")
@operation("Tell whether a photograph can be answered", scope=None, answers={200: Health})
def health() -> Health:
    """Check database, queue, storage and classifier. The status is 200 as long as there is an answer at all."""
    checks: dict[str, Literal["ok", "failed"]] = {name: "ok" if check() else "failed" for name, check in CHECKS.items()}
    return Health(status="ok" if set(checks.values()) == {"ok"} else "failed", checks=checks)


@blueprint.get("/openapi.json")
@operation("Describe the API", scope=None, answers={200: JSON})
def openapi() -> Response:
    """Answer this description: OpenAPI 3.1."""
    return jsonify(current_description())
