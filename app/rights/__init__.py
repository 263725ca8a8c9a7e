"""Rights of patients: all that is kept of one in a file, how long it is kept, and what research may have of it."""

from __future__ import annotations

from flask import Flask

from app.rights.export import views as export
from app.rights.research import jobs as research_jobs
from app.rights.research import views as research
from app.rights.retention import jobs as retention_jobs
from app.rights.retention import views as retention

__all__ = ["init_app", "research_jobs", "retention_jobs"]


def init_app(app: Flask) -> None:
    """Register the pages; importing the jobs has made them known to the worker."""
    for part in (export, research, retention):
        app.register_blueprint(part.blueprint)
