"""Batches: many photographs at once, which the queue works on; progress, results, export."""

from __future__ import annotations

from flask import Flask

from app.batches import erasure as erasure  # so that erasing a patient reaches them
from app.batches import jobs, views
from app.batches.sending import views as sending

__all__ = ["init_app", "jobs"]


def init_app(app: Flask) -> None:
    """Register the pages; importing the jobs has made them known to the worker."""
    for part in (views, sending):
        app.register_blueprint(part.blueprint)
