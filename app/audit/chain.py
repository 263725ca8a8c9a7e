"""The chain: each event's hash covers the one before it, and only whoever has the key can make either."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

NOTHING = "0" * 64  # the hash before the first event
# every column but the hash, in the order in which they are hashed
FIELDS = (
    "position", "at", "action", "operation", "outcome", "status", "actor_id", "role", "clinic_id", "subject_kind",
    "subject_id", "patient_id", "address", "agent", "channel", "request_id", "details",
)  # fmt: skip
EVENT, HEAD, ANCHOR = b"lentigo: audit event 1\n", b"lentigo: audit head 1\n", b"lentigo: audit anchor 1\n"


class Head(NamedTuple):
    """Where the log ends, and after which position it begins: 0 until its oldest events have been pruned.

    `anchored` is the position of the last anchor that was written outside the database.
    """

    position: int
    hash: str
    start: int
    start_hash: str
    anchored: int


def details_text(details: Mapping[str, Any]) -> str:
    """Write details in the one way in which they are kept and hashed."""
    return json.dumps(details, sort_keys=True, separators=(",", ":"))


def event_hash(key: bytes, before: str, values: Sequence[Any]) -> str:
    """Return the hash of an event by the values of its FIELDS and the hash of the one before it, as 64 hex digits.

    JSON keeps fields apart, and null from empty text. Moments are written in UTC, to the microsecond.
    """
    position, at, *others = values
    written = json.dumps([position, _moment(at), *others], separators=(",", ":"))
    return hmac.digest(key, EVENT + before.encode() + b"\n" + written.encode(), hashlib.sha256).hex()


def seal(key: bytes, head: Head) -> str:
    """Return what proves that a head was written by whoever has the key."""
    return hmac.digest(key, HEAD + json.dumps(head).encode(), hashlib.sha256).hex()


def anchor_seal(key: bytes, position: int, hash_: str) -> str:
    """Return what proves an anchor."""
    return hmac.digest(key, ANCHOR + json.dumps([position, hash_]).encode(), hashlib.sha256).hex()


def is_same(seal_: str, other: str) -> bool:
    """Compare two hashes or seals, in a time that tells nothing."""
    return hmac.compare_digest(seal_.encode(), other.encode())


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
