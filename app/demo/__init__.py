"""The demonstration: a clinic with invented patients and drawn lesions, in which every page has something to show."""

from __future__ import annotations

from flask import Flask

from app.demo.cli import demo
from app.demo.marking import is_shown


def init_app(app: Flask) -> None:
    """Register the command, and what tells every page to say that it shows a demonstration."""
    app.cli.add_command(demo)
    app.add_template_global(is_shown, "is_demonstration")
