"""Ids that stand in addresses: random, never counted."""

from __future__ import annotations

import secrets


def new_public_id() -> str:
    """Return a random id for an address: 16 bytes, 22 characters safe in a URL."""
    return secrets.token_urlsafe(16)
