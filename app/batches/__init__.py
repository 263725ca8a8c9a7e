"""Batches: many photographs at once, which the queue works on; progress, results, export."""

from __future__ import annotations

from flask import Flask

from app.batches import erasure as erasure  # so that erasing a patient reaches them
from app.batches import jobs, views
from app.batches import objects as objects  # so that copies of the site have them
from app.batches.sending import views as sending
from app.batches.states import items_by_state, oldest_waiting
from app.metrics import asked

__all__ = ["init_app", "jobs"]


def init_app(app: Flask) -> None:
    """Register the pages; importing the jobs has made them known to the worker."""
    for part in (views, sending):
        app.register_blueprint(part.blueprint)
    asked("batch_items", "Files of the batches that are being worked on.", ("state",), items_by_state)
    asked("batch_oldest_seconds", "Seconds since the first of these batches was started.", (), oldest_waiting)
