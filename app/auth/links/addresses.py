"""Addresses in mail: made from the settings alone, so that no header of a request can lead anybody elsewhere."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.supervisor import address
from config import Settings


def outside(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page, for those who read of it elsewhere."""
    settings: Settings = current_app.config["SETTINGS"]
    path = current_app.url_map.bind("").build(endpoint, values)
    return (settings.public_address or address(settings)).rstrip("/") + path
