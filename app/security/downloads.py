"""Files that the site answers: kept under a name that tells nothing of anybody, or shown within a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Response

SAFE_NAME = re.compile(r"lentigo-[A-Za-z0-9._-]{1,100}")
SHOWN = frozenset({"image/png", "image/jpeg"})  # what pages show, and what no browser finds anything to run in


def download(content: bytes | Iterable[bytes] | Iterable[str], kind: str, name: str) -> Response:
    """Answer a file to be kept as `lentigo-NAME`; `name` is ours alone: nothing that anybody typed is in it.

    Raises ValueError if it would have to be quoted.
    """
    file_name = f"lentigo-{name}"
    if not SAFE_NAME.fullmatch(file_name):
        raise ValueError("a file name must be ours, and need no quoting")
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def picture(content: bytes, kind: str) -> Response:
    """Answer a picture that pages show."""
    if kind not in SHOWN:
        raise ValueError(f"{kind} is to be downloaded")
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = "inline"
    return response
