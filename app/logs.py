"""Logs: one line per event, JSON in production and readable elsewhere, without a person's data."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Write logs as the environment wants them."""
