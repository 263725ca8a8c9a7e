"""What was erased, by random ids alone: so that it is erased again when a backup from before has been restored."""

from __future__ import annotations

from flask import Flask

from app.erasures import cli
from app.erasures import jobs as jobs  # so that the worker knows them


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(cli.erasures)
