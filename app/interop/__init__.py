"""What other systems can read: codes, files to take along, and what is sent to them."""

from __future__ import annotations

from flask import Flask

from app.interop import deliveries


def init_app(app: Flask) -> None:
    """Register the pages, then each system that is configured."""
    deliveries.init_app(app)
