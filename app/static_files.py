"""Static files: styles and scripts get an address that changes with their content, so may be kept."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

STATIC = "static"
VERSION = "v"
VERSIONED = frozenset({".css", ".js"})  # what pages name; fonts are named by the styles, without a version
WEEK = 7 * 24 * 3600
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Add the version to addresses, and say how long each file may be kept."""
    app.url_defaults(_add_version)
    app.after_request(_allow_keeping)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint != STATIC or not current_app.static_folder:
        return
    path = Path(current_app.static_folder) / values["filename"]
    if path.suffix in VERSIONED and path.is_file():
        values[VERSION] = _digest(path, path.stat().st_mtime_ns)


def _allow_keeping(response: Response) -> Response:
    if request.endpoint == STATIC and response.status_code < 400:  # noqa: PLR2004 - any success
        if VERSION in request.args:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        elif request.path.endswith(".woff2"):
            response.headers["Cache-Control"] = f"public, max-age={WEEK}"
    return response


@lru_cache(maxsize=256)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
