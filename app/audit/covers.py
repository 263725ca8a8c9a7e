"""Addresses of pictures that prove the page they are on, whose event covers them.

A list shows a photograph of each test: to record each of them would bury what counts. So pages write into the address
of a picture that it was made for this person, in this hour; a page only leaves once its own event is recorded. Whoever
asks for the picture without that proof is recorded by it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any

from flask import g, has_request_context, request

from app.audit.doing import Doing
from app.audit.register import ENDPOINTS, Entry
from app.extensions import db
from app.keys import AUDIT, data_keys_of

SEEN = "seen"
HOUR = 3600
LENGTH = 12  # bytes of a proof


def add_proof(endpoint: str, values: dict[str, Any]) -> None:
    """Write the proof into the address of a picture, on a page that is recorded."""
    if not _within_page(endpoint) or not has_request_context() or SEEN in values:
        return
    doing: Doing | None = g.get("audit")
    if doing is not None and doing.actor.id is not None and isinstance(doing.entry, Entry):
        values[SEEN] = _proof(doing.actor.id, endpoint, str(values.get("public_id")), _hour())


def is_covered(doing: Doing) -> bool:
    """Tell whether this request is for a picture of a page that was recorded in this hour or the one before."""
    endpoint, given = request.endpoint or "", request.args.get(SEEN, "")
    if doing.actor.id is None or not given or not _within_page(endpoint):
        return False
    public_id, hour = str((request.view_args or {}).get("public_id")), _hour()
    proofs = (_proof(doing.actor.id, endpoint, public_id, each) for each in (hour, hour - 1))
    return any(hmac.compare_digest(given.encode(), proof.encode()) for proof in proofs)


def _within_page(endpoint: str) -> bool:
    entry = ENDPOINTS.get(endpoint)
    return isinstance(entry, Entry) and entry.within_page


def _hour() -> int:
    return int(time.time()) // HOUR


def _proof(actor_id: int, endpoint: str, public_id: str, hour: int) -> str:
    key = data_keys_of(db.session()).secret(AUDIT)
    written = f"lentigo: seen on a page {actor_id} {endpoint} {public_id} {hour}".encode()
    return urlsafe_b64encode(hmac.digest(key, written, hashlib.sha256)[:LENGTH]).decode()
