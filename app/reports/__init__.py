"""Issued reports: made once, signed, amended by further versions, and verified by anybody who holds one."""

from __future__ import annotations

from flask import Flask

from app.reports import erasure as erasure  # so that erasing a patient reaches them
from app.reports import jobs as jobs  # so that the worker knows them
from app.reports import objects as objects  # so that copies of the site have them
from app.reports import subjects as subjects  # the audit log asks whose a report is
from app.reports import views
from app.reports.prints import KINDS
from app.reports.selectors import has_reports
from app.reports.verification import views as verification
from app.reports.views import issued_reports
from app.upload.new_tests import hold_tests


def init_app(app: Flask) -> None:
    """Register the pages, and the filter with which the page of a test lists what was issued of it: that holds it."""
    app.add_template_filter(issued_reports, "issued_reports")
    hold_tests(app, has_reports)
    app.jinja_env.globals["KINDS"] = KINDS
    app.register_blueprint(views.blueprint)
    app.register_blueprint(verification.blueprint)
