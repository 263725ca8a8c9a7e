"""How the keys of storage are written, which is why none leads out of its folder."""

from __future__ import annotations

import re

SAFE = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*(?:\.[a-z0-9]+)?")


def require_safe(key: str) -> str:
    """Return a key; ValueError for what is none."""
    if not SAFE.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def is_safe(name: str) -> bool:
    """Tell a key from the name of something else that somebody has put there."""
    return SAFE.fullmatch(name) is not None
