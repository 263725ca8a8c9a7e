"""Pages for load balancers and supervisors: open to everyone, and silent about the reasons."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.operations.checks import CHECKS
from app.security.gate import open_to_everyone

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@open_to_everyone
def healthz() -> ResponseReturnValue:
    """Answer, which only a living process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@open_to_everyone
def readyz() -> ResponseReturnValue:
    """Tell what of that which a photograph needs on its way is there; 503 if anything is missing."""
    checks = {name: check() for name, check in CHECKS.items()}
    ready = all(checks.values())
    answer = {
        "status": "ok" if ready else "failed",
        "checks": {name: "ok" if passed else "failed" for name, passed in checks.items()},
    }
    return answer, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
