"""Do a request once, however often it comes: the header Idempotency-Key, as the IETF's draft describes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, cast

from flask import Response, current_app, g, make_response, request
from sqlalchemy.exc import IntegrityError

from app.api.callers import caller
from app.api.idempotency import services
from app.api.idempotency.services import Claim
from app.api.reading import InvalidRequestError
from app.extensions import db

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
KEY_PATTERN = "^[!-~]+$"  # printable ASCII without blanks
CHUNK = 1024 * 1024


def once(work: Callable[[], Response]) -> Response:
    """Do the work of this request, unless one with the same key has done it: then answer what it made, as it is now."""
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if len(key) > LONGEST_KEY or not re.fullmatch(KEY_PATTERN, key):
        raise InvalidRequestError.of("header", HEADER, f"Send 1 to {LONGEST_KEY} ASCII characters, no blanks.")
    claimed = _claimed(key, _fingerprint())
    if isinstance(claimed, str):
        return _again(claimed)
    g.claim = claimed
    try:
        return work()
    except BaseException:
        db.session.rollback()
        services.let_go(db.session(), claimed)
        db.session.commit()
        raise


def commit_made(location: str) -> None:
    """Commit what this request has made, and with it where it is: the key of the request leads there from now on."""
    if "claim" in g:
        services.settle(db.session(), g.claim, location)
    db.session.commit()


def _claimed(key: str, fingerprint: str) -> Claim | str:
    session, owner = db.session(), caller()
    try:
        claimed: Claim | str = services.claim(session, owner=owner, key=key, fingerprint=fingerprint)
    except IntegrityError:  # of two at once the second finds what the first has claimed
        session.rollback()
        claimed = services.earlier(session, owner=owner, key=key, fingerprint=fingerprint)
    session.commit()
    return claimed


def _again(location: str) -> Response:
    """Answer what an earlier request has made; NotFoundError if it was deleted since."""
    endpoint, values = current_app.url_map.bind("").match(location, method="GET")
    view = cast(Callable[..., Any], current_app.view_functions[endpoint])
    response = make_response(view(**values))
    response.status_code = 201
    response.headers["Location"] = location
    response.headers[REPLAYED] = "true"
    return response


def _fingerprint() -> str:
    """Return what stands for a request: its address and content, but not how a form's parts are divided."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if not request.form and not request.files:
        digest.update(request.get_data())
        return digest.hexdigest()
    digest.update(json.dumps(sorted(request.form.items(multi=True))).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(json.dumps([name, file.filename]).encode())
        while chunk := file.stream.read(CHUNK):
            digest.update(chunk)
        file.stream.seek(0)
    return digest.hexdigest()
