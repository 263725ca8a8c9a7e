"""Pages for load balancers and for those who watch: silent about the reasons, and about numbers to whoever comes."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from app.errors import NotFoundError
from app.live.streams import current_streams
from app.operations.checks import results
from app.operations.exposition import MIMETYPE, exposition
from app.security.gate import open_to_everyone

BEARER = "Bearer "

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@open_to_everyone
def healthz() -> ResponseReturnValue:
    """Answer, which only a living process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@open_to_everyone
def readyz() -> ResponseReturnValue:
    """Tell what of that which a photograph needs on its way is there; 503 if anything is missing.

    A process that has been told to stop says so, and nothing else: whoever hands out requests is to hand it no more.
    """
    if current_streams().stopping():
        return {"status": "stopping", "checks": {}}, HTTPStatus.SERVICE_UNAVAILABLE
    checks = results()
    ready = all(checks.values())
    answer = {
        "status": "ok" if ready else "failed",
        "checks": {name: "ok" if passed else "failed" for name, passed in checks.items()},
    }
    return answer, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE


@blueprint.get("/metrics")
@open_to_everyone  # but for the token, which is of no person
def metrics() -> ResponseReturnValue:
    """Tell the numbers of the site to whoever has the token for them; to all others there is no such page."""
    if not may_read(request.headers.get("Authorization", "")):
        raise NotFoundError("There is no such page.")
    return Response(exposition(), content_type=MIMETYPE)


def may_read(authorization: str) -> bool:
    """Tell whether a header holds the token; nobody's does where none is set."""
    token: str | None = current_app.config["SETTINGS"].metrics_token
    return token is not None and hmac.compare_digest(authorization.encode(), f"{BEARER}{token}".encode())
