"""Pseudonyms and shifted dates of one export, made with a key that is thrown away with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import date, timedelta

MOST_DAYS = 365
CHARACTERS = 16  # of base 32: 80 bits


class Pseudonyms:
    """Names things anew for one export: the same thing has one name in it, and another in every other export.

    Nothing but the key leads from a pseudonym to whom it is of, and the key is kept nowhere.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def of(self, kind: str, public_id: str) -> str:
        """Return the pseudonym of a patient, a lesion or a test."""
        return base64.b32encode(self._digest(kind, public_id)).decode()[:CHARACTERS].lower()

    def shifted(self, day: date, patient: str) -> date:
        """Return a day of a patient's, moved as all days of this patient are: intervals stay, the calendar does not."""
        drawn = int.from_bytes(self._digest("days", patient)[:8], "big") % (2 * MOST_DAYS + 1)
        return day + timedelta(days=drawn - MOST_DAYS)

    def _digest(self, kind: str, public_id: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\0{public_id}".encode(), hashlib.sha256)
