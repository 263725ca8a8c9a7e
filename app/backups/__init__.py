"""Backups of the whole site: made while it runs, encrypted, incremental; verified, thinned out, and restored."""

from __future__ import annotations

from flask import Flask

from app.backups import cli


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(cli.backup)
    app.cli.add_command(cli.restore)
