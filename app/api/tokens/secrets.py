"""How an access token is written: a prefix that scanners for leaked secrets know, 32 random bytes, and a check sum."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

PREFIX = "lentigo_"
RANDOM_BYTES = 32
SHOWN = len(PREFIX) + 4  # characters by which a person tells tokens apart
SHAPE = re.compile(rf"{PREFIX}([A-Za-z0-9_-]{{43}})([0-9a-f]{{8}})")


def new_token() -> str:
    """Return a new token: prefix, 43 characters for the random bytes, 8 hexadecimal digits for their CRC-32."""
    drawn = secrets.token_urlsafe(RANDOM_BYTES)
    return f"{PREFIX}{drawn}{_check_sum(drawn)}"


def is_well_formed(token: str) -> bool:
    """Tell whether a text could be a token: the database need not be asked about what is mistyped."""
    found = SHAPE.fullmatch(token)
    return found is not None and _check_sum(found[1]) == found[2]


def digest_of(token: str) -> str:
    """Return what is kept of a token; of 32 random bytes a plain SHA-256 can't be undone."""
    return hashlib.sha256(token.encode()).hexdigest()


def shown_of(token: str) -> str:
    """Return the beginning of a token, which may be seen."""
    return token[:SHOWN]


def _check_sum(drawn: str) -> str:
    return f"{zlib.crc32(drawn.encode()):08x}"
