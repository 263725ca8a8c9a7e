"""Photographs as programs send them."""

from __future__ import annotations

import io
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.api.conftest import Program
from tests.hostile import picture
from tests.pictures import png

HERE = "/predictions"


def send(
    program: Program, content: bytes | None = None, *, query: str = "", key: str | None = None, **fields: Any
) -> TestResponse:
    """Send a photograph, an ordinary one if none is given, with fields beside it."""
    file = FileStorage(io.BytesIO(png(picture()) if content is None else content), "lesion.png")
    boundary, body = encode_multipart({"image": file, **fields})  # the test client leaves large files open
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    headers |= {} if key is None else {"Idempotency-Key": key}
    return program.post(f"{HERE}{query}", data=body, headers=headers)
